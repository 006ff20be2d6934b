#include "sip/stranger_refusals.hpp"

#include <doctest.h>

#include "support/served_request.hpp"

namespace stranger_refusals_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::served_request;

namespace {

const sip::own_names own{{"example.com"}, {"192.0.2.2"}};

struct refused_stranger : served_request {
  core::task_scope scope{wire.world.env()};
  sip::stranger_refusals refusals;

  explicit refused_stranger(sip::stranger_settings o = {{"INVITE"}, 480, 2s}, const char* method = "INVITE")
      : served_request(method), refusals({wire.world.env(), own, contexts, replies, scope}, std::move(o)) {
    c->caller.uniform = true;
  }
  ~refused_stranger() { wire.world.run(scope.join()); }
  refused_stranger(const refused_stranger&) = delete;
  refused_stranger& operator=(const refused_stranger&) = delete;
};

}  // namespace

TEST_CASE("every refusal of a stranger is the same, also when it comes from a phone; ringing and answers are heard") {
  refused_stranger s;
  for (const int status : {300, 403, 404, 480, 486, 500, 603}) CHECK(s.refusals.told_uniformly(*s.c, status));
  for (const int status : {100, 180, 200, 299}) CHECK_FALSE(s.refusals.told_uniformly(*s.c, status));
  s.c->caller.uniform = false;
  CHECK_FALSE(s.refusals.told_uniformly(*s.c, 404));
}

TEST_CASE("487 is for a stranger's own CANCEL, and for nothing else") {
  refused_stranger s;
  CHECK(s.refusals.told_uniformly(*s.c, 487));
  s.c->cancelled = true;
  CHECK_FALSE(s.refusals.told_uniformly(*s.c, 487));
  CHECK(s.refusals.told_uniformly(*s.c, 486));
}

TEST_CASE("an operator who sets no uniform answer lets strangers hear the real one") {
  refused_stranger s({{"INVITE"}, 0, 0s});
  CHECK_FALSE(s.refusals.told_uniformly(*s.c, 404));
  s.refusals.refuse(*s.c);
  CHECK(s.heard() == "480");  // there must be one all the same
}

TEST_CASE("a refusal comes at its time after the question, however soon it is known") {
  refused_stranger s;
  const auto asked = s.c->arrived;
  CHECK(s.refusals.due(*s.c) == asked + 2s);
  s.refusals.refuse(*s.c);
  s.wire.world.run_for(asked + 1900ms - s.wire.world.now());
  CHECK_FALSE(s.c->answered);
  s.wire.world.run_for(200ms);
  CHECK(s.c->answered);
  CHECK(s.heard() == "480");
}

TEST_CASE("a refusal that is known late comes at once, and once") {
  refused_stranger s;
  s.wire.world.run_for(3s);
  s.refusals.refuse(*s.c);
  CHECK(s.c->answered);
  s.refusals.refuse(*s.c);
  CHECK(s.wire.server_wire.count("SIP/2.0 480") == 1);
}

TEST_CASE("strangers are let in with the methods that the operator names only") {
  CHECK(refused_stranger().refusals.open_to(*refused_stranger().c));
  refused_stranger options({{"INVITE", "MESSAGE"}, 480, 0s}, "OPTIONS");
  CHECK_FALSE(options.refusals.open_to(*options.c));
  refused_stranger message({{"INVITE", "MESSAGE"}, 480, 0s}, "MESSAGE");
  CHECK(message.refusals.open_to(*message.c));
}

TEST_CASE("a user hears why a sips call found no way, and a stranger does not (RFC 5630 s.6)") {
  refused_stranger user;
  user.c->caller.uniform = false;
  user.refusals.refuse_sips(*user.c);
  CHECK(user.last_response().starts_with("SIP/2.0 480 SIPS Not Allowed\r\n"));
  CHECK(user.last_response().find("\r\nWarning: ") != std::string::npos);
  refused_stranger s({{"INVITE"}, 480, 0s});
  s.refusals.refuse_sips(*s.c);
  CHECK(s.heard() == "480");
  CHECK(s.last_response().find("SIPS") == std::string::npos);
}

}  // namespace stranger_refusals_test
