#include "cfwarden/app/swept_subjects.h"

#include <doctest/doctest.h>

using namespace cfwarden;

namespace {

Subject subject_of(const std::string& member, Answer backup) {
  Subject subject;
  subject.member = member;
  subject.backup = backup;
  return subject;
}

}  // namespace

TEST_CASE("a path is reported without the directory of --root, and only without that") {
  CHECK(reported_path("/mnt/disk/etc/x", "/mnt/disk") == "/etc/x");
  CHECK(reported_path("/mnt/disk", "/mnt/disk") == "/");
  CHECK(reported_path("/mnt/disk2/x", "/mnt/disk") == "/mnt/disk2/x");
  CHECK(reported_path("/etc/x", "") == "/etc/x");
}

TEST_CASE("what helps in an original does not in an archive or beside the original") {
  using Advice = ContextAdvice;
  const Subject plain = subject_of("", Answer::no);
  const Subject packed = subject_of("etc/cert.pem", Answer::no);
  const Subject copy = subject_of("", Answer::yes);
  for (const Advice advice : {Advice::close_file, Advice::use_token_file, Advice::use_secret_store,
                              Advice::encrypt_state, Advice::replace_user_data}) {
    CHECK(advice_for(advice, plain) == advice);
    CHECK(advice_for(advice, packed) == Advice::delete_copy);
    CHECK(advice_for(advice, copy) == Advice::close_file);
  }
}

TEST_CASE("a log and a history are what they are, a log also where it was packed") {
  using Advice = ContextAdvice;
  for (const Advice advice : {Advice::clear_log, Advice::clear_history}) {
    CHECK(advice_for(advice, subject_of("", Answer::no)) == advice);
    CHECK(advice_for(advice, subject_of("", Answer::yes)) == advice);
  }
  CHECK(advice_for(Advice::clear_log, subject_of("app.log.2", Answer::no)) == Advice::clear_log);
  // No editor takes a line out of an archive.
  CHECK(advice_for(Advice::clear_history, subject_of("home/.bash_history", Answer::no)) ==
        Advice::delete_copy);
}
