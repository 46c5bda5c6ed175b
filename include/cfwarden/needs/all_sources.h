// The rows of all_definition_sources(). Each appends what it finds among the texts; a text that is
// none of its own, or does not run cloudflared, adds nothing.
#pragma once

#include "cfwarden/needs/definitions.h"

namespace cfwarden {

void read_systemd(const ServiceHost& host, Starts& starts);   // systemd.cc: units, quadlets' too.
void read_quadlets(const ServiceHost& host, Starts& starts);  // quadlet.cc: *.container.
void read_openrc(const ServiceHost& host, Starts& starts);    // openrc.cc: init.d and conf.d.
void read_sysv(const ServiceHost& host, Starts& starts);      // sysv.cc: init.d and sysconfig.
void read_supervisord(const ServiceHost& host, Starts& starts);  // supervisord.cc.
void read_run_scripts(const ServiceHost& host, Starts& starts);  // run_script.cc: s6, runit.
void read_crontabs(const ServiceHost& host, Starts& starts);     // crontab.cc.
void read_docker(const ServiceHost& host, Starts& starts);       // docker.cc: config.v2.json.
void read_podman(const ServiceHost& host, Starts& starts);       // podman.cc: containers' config.
void read_compose(const ServiceHost& host, Starts& starts);      // compose.cc.
void read_kubernetes(const ServiceHost& host, Starts& starts);  // kubernetes.cc: manifests of pods.
void read_processes(const ServiceHost& host, Starts& starts);   // process.cc: /proc/PID/cmdline.

}  // namespace cfwarden
