#include "cfwarden/needs/all_sources.h"
#include "starts_from.h"

#include <doctest/doctest.h>

#include <string>

using namespace cfwarden;
using Mode = Invocation::Mode;

namespace {

Starts kubernetes_starts(const std::string& text,
                         const std::string& path = "/root/cloudflared.yaml") {
  return starts_from({{.path = path, .text = text}}, {read_kubernetes});
}

// A pod of one container with these lines, which are indented as they have to be.
std::string pod(const std::string& lines, const std::string& rest = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: tunnel}\nspec:\n  containers:\n"
         "  - name: cloudflared\n    image: cloudflare/cloudflared\n" +
         lines + rest;
}

}  // namespace

TEST_CASE("a deployment as Helm renders it is filled by its cluster") {
  const Starts starts = kubernetes_starts(
      "---\n"
      "# Source: cloudflare-tunnel/templates/configmap.yaml\n"
      "apiVersion: v1\n"
      "kind: ConfigMap\n"
      "metadata:\n"
      "  name: release-cloudflare-tunnel\n"
      "data:\n"
      "  config.yaml: |\n"
      "    tunnel: my-tunnel\n"
      "    credentials-file: /etc/cloudflared/creds/credentials.json\n"
      "---\n"
      "# Source: cloudflare-tunnel/templates/deployment.yaml\n"
      "apiVersion: apps/v1\n"
      "kind: Deployment\n"
      "metadata:\n"
      "  name: release-cloudflare-tunnel\n"
      "  labels:\n"
      "    app.kubernetes.io/name: cloudflare-tunnel\n"
      "spec:\n"
      "  replicas: 2\n"
      "  template:\n"
      "    metadata:\n"
      "      annotations:\n"
      "        checksum/config: \"00\"\n"
      "    spec:\n"
      "      securityContext:\n"
      "        runAsNonRoot: true\n"
      "        runAsUser: 65532\n"
      "        fsGroup: 2000\n"
      "        supplementalGroups: [3000]\n"
      "      containers:\n"
      "        - name: cloudflare-tunnel\n"
      "          securityContext:\n"
      "            allowPrivilegeEscalation: false\n"
      "            capabilities:\n"
      "              drop:\n"
      "              - ALL\n"
      "            readOnlyRootFilesystem: true\n"
      "          image: \"cloudflare/cloudflared:2026.8.2\"\n"
      "          command:\n"
      "          - cloudflared\n"
      "          - tunnel\n"
      "          - --config\n"
      "          - /etc/cloudflared/config/config.yaml\n"
      "          - run\n"
      "          livenessProbe:\n"
      "            httpGet: {path: /ready, port: 2000}\n"
      "          volumeMounts:\n"
      "          - name: config\n"
      "            mountPath: /etc/cloudflared/config\n"
      "            readOnly: true\n"
      "          - name: creds\n"
      "            mountPath: /etc/cloudflared/creds\n"
      "      volumes:\n"
      "      - name: creds\n"
      "        secret:\n"
      "          secretName: release-cloudflare-tunnel\n"
      "      - name: config\n"
      "        configMap:\n"
      "          name: release-cloudflare-tunnel\n");
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.source == StartSource::kubernetes);
  CHECK(start.who == "release-cloudflare-tunnel");
  CHECK(start.file == "/root/cloudflared.yaml");
  CHECK(start.files == std::vector<std::string>{"/root/cloudflared.yaml"});
  CHECK(start.line == 41);
  CHECK(start.invocation.mode == Mode::run);
  CHECK(start.invocation.config == "/etc/cloudflared/config/config.yaml");
  CHECK(start.run_as.user == "65532");
  CHECK(start.run_as.group == "65532");
  CHECK(start.run_as.more_groups == std::vector<std::string>{"3000", "2000"});
  CHECK(start.run_as.loses_capabilities);
  CHECK(start.home == "/home/nonroot");
  CHECK(mounted_at(start, "/etc/cloudflared/config") == "elsewhere");
  CHECK(mounted_at(start, "/etc/cloudflared/creds") == "elsewhere");
  CHECK(start.is_container);
  CHECK(start.is_official_image);
  CHECK_FALSE(start.is_enabled);
  CHECK(starts.gaps.empty());
}

TEST_CASE("a static pod starts by itself, and its host paths lead to the node") {
  const std::string text =
      pod("    args: [tunnel, --token-file, /etc/cf/token, run]\n"
          "    volumeMounts:\n"
          "    - {name: etc, mountPath: /etc/cf/, subPath: sub}\n"
          "    - {name: etc, mountPath: /expression, subPathExpr: $(X)}\n"
          "    - {name: scratch, mountPath: /scratch}\n"
          "    - {name: claim, mountPath: /claim}\n"
          "    - {name: undeclared, mountPath: /undeclared}\n",
          "  volumes:\n"
          "  - {name: etc, hostPath: {path: /etc/cloudflared/, type: Directory}}\n"
          "  - {name: scratch, emptyDir: {}}\n"
          "  - {name: claim, persistentVolumeClaim: {claimName: c}}\n");
  const Starts starts = kubernetes_starts(text, "/etc/kubernetes/manifests/cloudflared.yaml");
  REQUIRE(starts.all.size() == 1);
  const Start& start = starts.all[0];
  CHECK(start.who == "tunnel");
  CHECK(start.line == 8);
  CHECK(start.is_enabled);
  CHECK(start.invocation.token_file == "/etc/cf/token");
  CHECK(mounted_at(start, "/etc/cf") == "/etc/cloudflared/sub");
  CHECK(mounted_at(start, "/expression") == "elsewhere");
  CHECK(mounted_at(start, "/scratch") == "elsewhere");
  CHECK(mounted_at(start, "/claim") == "elsewhere");
  CHECK(mounted_at(start, "/undeclared") == "elsewhere");
  CHECK_FALSE(start.environment_elsewhere);
  CHECK(kubernetes_starts(text, "/var/lib/rancher/k3s/server/manifests/x").all.at(0).is_enabled);
  CHECK(kubernetes_starts(text, "/srv/x").all.empty());
}

TEST_CASE("a token that the cluster gives is there, though no file of the host has it") {
  const Starts starts =
      kubernetes_starts(pod("    args: [tunnel, run]\n"
                            "    env:\n"
                            "    - name: TUNNEL_TOKEN\n"
                            "      valueFrom: {secretKeyRef: {name: tunnel-token, key: token}}\n"));
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_in_environment);
  CHECK(starts.all[0].environment_elsewhere);

  const Starts in_arguments = kubernetes_starts(
      pod("    args: [tunnel, run, --token, $(CF_TOKEN)]\n"
          "    env:\n"
          "    - {name: CF_TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}\n"
          "    - {name: TUNNEL_CRED_FILE, valueFrom: {configMapKeyRef: {name: a, key: b}}}\n"));
  REQUIRE(in_arguments.all.size() == 1);
  CHECK(in_arguments.all[0].invocation.token_in_arguments);
  CHECK(in_arguments.all[0].invocation.credentials_file == "");

  const Starts from =
      kubernetes_starts(pod("    args: [tunnel, run]\n    envFrom:\n    - secretRef: {name: a}\n"));
  REQUIRE(from.all.size() == 1);
  CHECK_FALSE(from.all[0].invocation.token_in_environment);
  CHECK(from.all[0].environment_elsewhere);
}

TEST_CASE("a token written into the manifest is in its file") {
  const Starts starts = kubernetes_starts(
      pod("    args: [tunnel, run, --no-autoupdate, --credentials-file, \"$(DIR)/c.json\"]\n"
          "    env:\n"
          "    - {name: TUNNEL_TOKEN, value: CFWARDEN-REMOVED-SECRET}\n"
          "    - {name: ROOT, value: /data}\n"
          "    - {name: DIR, value: $(ROOT)/creds}\n"));
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].invocation.token_in_environment);
  CHECK(starts.all[0].invocation.credentials_file == "/data/creds/c.json");
  CHECK_FALSE(starts.all[0].environment_elsewhere);
}

TEST_CASE("every kind of workload leads to its pod") {
  const std::string spec =
      "containers: [{name: c, image: cloudflare/cloudflared, args: [tunnel, run, a]}]";
  for (const char* kind :
       {"Deployment", "DaemonSet", "StatefulSet", "ReplicaSet", "Job", "ReplicationController"}) {
    CAPTURE(kind);
    const Starts starts =
        kubernetes_starts("apiVersion: apps/v1\nkind: " + std::string{kind} +
                          "\nmetadata: {name: n}\nspec: {template: {spec: {" + spec + "}}}\n");
    REQUIRE(starts.all.size() == 1);
    CHECK(starts.all[0].who == "n");
    CHECK(starts.all[0].invocation.tunnel == "a");
  }
  CHECK(kubernetes_starts("apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: "
                          "{template: {spec: {" +
                          spec + "}}}}}\n")
            .all.size() == 1);
  CHECK(kubernetes_starts("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, "
                          "metadata: {generateName: g-}, spec: {" +
                          spec + "}}\n")
            .all.at(0)
            .who == "g-");
  for (const char* kind : {"ConfigMap", "Service", "", "pod"}) {
    CAPTURE(kind);
    CHECK(kubernetes_starts("apiVersion: v1\nkind: " + std::string{kind} + "\nspec: {" + spec +
                            ", template: {spec: {" + spec + "}}}\n")
              .all.empty());
  }
  CHECK(kubernetes_starts("kind: Pod\n# apiVersion\nspec: {" + spec + "}\n").all.empty());
}

TEST_CASE("a container's own user beats the pod's, and sidecars count one by one") {
  const Starts starts = kubernetes_starts(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec:\n"
      "  securityContext: {runAsUser: 1000, runAsGroup: 3000}\n"
      "  initContainers:\n"
      "  - {name: i, image: me/cloudflared, args: [tunnel, run, first]}\n"
      "  containers:\n"
      "  - {name: web, image: nginx}\n"
      "  - {name: c, image: cloudflare/cloudflared, args: [tunnel, run, second],\n"
      "     securityContext: {runAsUser: 0}}\n");
  REQUIRE(starts.all.size() == 2);
  CHECK(starts.all[0].invocation.tunnel == "first");
  CHECK(starts.all[0].run_as.user == "1000");
  CHECK(starts.all[0].run_as.group == "3000");
  CHECK_FALSE(starts.all[0].is_official_image);
  CHECK(starts.all[1].invocation.tunnel == "second");
  CHECK(starts.all[1].run_as.user == "0");
  CHECK(starts.all[1].run_as.group == "3000");
}

TEST_CASE("a manifest may be JSON, with its lines where it has several") {
  const std::string json =
      "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n \"metadata\": {\"name\": \"j\"},\n"
      " \"spec\": {\"containers\": [{\"name\": \"c\",\n"
      "  \"image\": \"cloudflare/cloudflared\",\n"
      "  \"args\": [\n   \"tunnel\", \"run\", \"x\"]}]}}\n";
  const Starts starts = kubernetes_starts(json, "/etc/kubernetes/manifests/c.json");
  REQUIRE(starts.all.size() == 1);
  CHECK(starts.all[0].who == "j");
  CHECK(starts.all[0].line == 6);
}

TEST_CASE("aliases and unknown commands of cloudflared's containers are gaps") {
  struct Case {
    std::string text;
    const char* why;
  };
  for (const Case& row : {
           Case{pod("    command: [a]\n    args: *a\n"),
                "line 9: holds an alias, which is not followed"},
           Case{pod("    <<: *a\n"), "line 8: holds an alias, which is not followed"},
           Case{"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: me/cloudflared-web\n",
                "line 5: the command of this image is not known"},
           Case{pod("    args: [\n"), "line 9: not valid YAML"},
       }) {
    CAPTURE(row.text);
    const Starts starts = kubernetes_starts(row.text);
    REQUIRE(starts.gaps.size() == 1);
    CHECK(starts.gaps[0].why == row.why);
  }
  CHECK(
      kubernetes_starts(pod("    args: {{ toYaml .Values.args }}\n    {{- end }}\n")).gaps.empty());
}

TEST_CASE("hostile manifests end in time, in nothing or in gaps") {
  for (const char* text :
       {"apiVersion: v1\nkind: Pod\nspec: containers\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: {a: {image: cloudflare/cloudflared}}}\n",
        "apiVersion: v1\nkind: [Pod]\nspec: {containers: []}\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: [7, [cloudflared], {image: {a: b}}]}\n",
        "apiVersion: v1\nkind: List\nitems: {containers: 7}\n"}) {
    CAPTURE(text);
    for (const Start& start : kubernetes_starts(text).all) {
      CHECK(start.invocation.mode == Mode::other);
    }
  }
  const Starts odd = kubernetes_starts(
      pod("    args: [tunnel, [x], run, {a: b}]\n    env: {a: b}\n    volumeMounts: [7, {a: b}]\n"
          "    securityContext: [a]\n    workingDir: [b]\n"));
  REQUIRE(odd.all.size() == 1);
  CHECK(odd.all[0].run_as.user == "65532");
  CHECK(odd.all[0].mounts.empty());

  std::string many = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n";
  for (int i = 0; i < 2'000; ++i) {
    many += "  - {image: cloudflare/cloudflared, args: [tunnel, run]}\n";
  }
  CHECK(kubernetes_starts(many).all.size() == max_starts + 1);
}
