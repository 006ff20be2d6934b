#include "sip/ack_ways.hpp"

#include <doctest.h>

#include "support/sample_message.hpp"

namespace ack_ways_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace phyllo::sip;

namespace {

fork_way over(std::uint64_t flow) {
  fork_way w;
  w.to.flow = flow_id{flow};
  return w;
}

}  // namespace

TEST_CASE("an ACK takes the way that its INVITE took last, and no other dialog's") {
  ack_ways ways(core::hash_key{});
  const auto invite = parsed_message(sample_invite);
  CHECK(ways.of(invite) == nullptr);
  ways.took(invite, over(1));
  ways.took(invite.reply(200, {}, "t"), over(2));  // it was answered by the second
  const auto ok = invite.reply(200, {}, "t");
  const auto ack = invite.follow_up("ACK", &ok);
  REQUIRE(ways.of(ack) != nullptr);
  CHECK(ways.of(ack)->to.flow == flow_id{2});
  for (const auto& [what, by] : {std::pair("Call-ID: a", "Call-ID: b"), std::pair("tag=19", "tag=18"), std::pair("CSeq: 31", "CSeq: 32")})
    CHECK(ways.of(parsed_message(replaced(sample_invite, what, by))) == nullptr);
}

TEST_CASE("of too many ways the oldest makes room") {
  ack_ways ways(core::hash_key{});
  const auto call = [](std::size_t n) { return parsed_message(replaced(sample_invite, "CSeq: 314159", "CSeq: " + std::to_string(n))); };
  for (std::size_t n = 0; n <= ack_ways::ways_max; ++n) ways.took(call(n), over(n));
  CHECK(ways.of(call(0)) == nullptr);
  CHECK(ways.of(call(1)) != nullptr);
  CHECK(ways.of(call(ack_ways::ways_max))->to.flow == flow_id{ack_ways::ways_max});
}

}  // namespace ack_ways_test
