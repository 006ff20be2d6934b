#include "transport/host/dtls_link_server.hpp"

#include <doctest.h>

#include "host_fixture.hpp"
#include "phyllo/stun/message.hpp"
#include "udp_stranger.hpp"

namespace dtls_link_server_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::until;
using stranger = testing::udp_stranger;

namespace {

core::bytes client_hello() { return *core::from_hex("16fefd0000000000000000001001000004000000000000000400000000"); }

core::awaitable<void> dial(testing::two_hosts& w, core::result<std::shared_ptr<transport::link>>& out) {
  out = co_await w.a->connect(testing::only(*w.b, transport::link_kind::dtls), testing::numbered(2), w.world.env->now() + 3s);
}

}  // namespace

TEST_CASE("DTLS without proof, forged proofs and noise are dropped and counted, and the host goes on serving") {
  testing::two_hosts w(13);
  stranger s(w.world.io, 13);
  const auto target = testing::loopback_at(13, 2, 16084);
  s.send(target, client_hello());
  s.send(target, *core::from_hex("17fefd000100000000000100100102030405060708090a0b0c0d0e0f10"));
  s.send(target, core::bytes{0xff, 1, 2, 3});
  s.send(target, core::bytes{});
  s.send(target, *core::from_hex("000100002112a442"));
  s.send(target, *core::from_hex("40010004aabbccdd"));
  stun::message forged;
  forged.type = stun::message_type::binding_indication;
  forged.add(stun::attribute_type::reach, core::bytes(16, 7));
  s.send(target, forged.encode());
  s.send(target, client_hello());
  const auto all_counted = [&w] {
    const auto drops = w.b_metrics.drops();
    const auto of = [&](const char* reason) { return drops.contains(reason) ? drops.at(reason) : 0; };
    return of("dtls_unproven") == 2 && of("dtls_unknown") == 1 && of("noise") == 3 && of("turn_unserved") == 1 && of("reach_forged") == 1;
  };
  bool counted = false;
  const auto wait = [](core::environment& env, std::function<bool()> done, bool& into) -> core::awaitable<void> {
    into = co_await until(env, done);
  };
  w.world.run(wait(*w.world.env, all_counted, counted));
  CHECK_MESSAGE(counted, w.b_metrics.text());
  CHECK(s.receive().empty());  // not a byte went back: nothing to amplify
  core::result<std::shared_ptr<transport::link>> l = core::fail(core::errc::invalid);
  w.world.run(dial(w, l));
  CHECK_MESSAGE(l.has_value(), (l ? "" : l.error().message()));
  w.world.run(w.stop());
}

}  // namespace dtls_link_server_test
