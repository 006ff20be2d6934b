#include "sip/transaction_branch.hpp"

#include <doctest.h>

#include "sip/message_edit.hpp"
#include "support/simulated_world.hpp"

namespace transaction_branch_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

sip::message ack(const char* branch, const char* call_id = "call-1") {
  auto m =
      sip::message::request("ACK", "sip:bob@192.0.2.2", "<sip:alice@192.0.2.1>;tag=a", "<sip:bob@192.0.2.2>;tag=b", call_id, 1).value();
  if (*branch != '\0') push_via(m, "UDP", "198.51.100.20:5060", branch);
  return m;
}

}  // namespace

TEST_CASE("a branch begins with the magic cookie and the shard, and no two are alike") {
  simulated_world world;
  const auto one = sip::make_branch(world.env(), 0x2a);
  CHECK(one.starts_with("z9hG4bK2a"));
  CHECK(one.size() == 7 + 26);
  CHECK(sip::make_branch(world.env(), 0x2a) != one);
}

TEST_CASE("a request that is sent without a transaction has the same branch when it comes again, and another one if it is another") {
  simulated_world world;
  const auto branch = [&](const sip::message& m) { return sip::stateless_branch(world.env(), 1, m); };
  CHECK(branch(ack("z9hG4bKx")).starts_with("z9hG4bK01"));
  CHECK(branch(ack("z9hG4bKx")) == branch(ack("z9hG4bKx")));
  CHECK(branch(ack("z9hG4bKx")) != branch(ack("z9hG4bKy")));
  CHECK(branch(ack("z9hG4bKx")) != branch(ack("z9hG4bKx", "call-2")));
}

TEST_CASE("what the previous hop's Via does not tell apart gets a branch of its own each time") {
  simulated_world world;
  CHECK(sip::stateless_branch(world.env(), 1, ack("1")) != sip::stateless_branch(world.env(), 1, ack("1")));
  CHECK(sip::stateless_branch(world.env(), 1, ack("")) != sip::stateless_branch(world.env(), 1, ack("")));
}

}  // namespace transaction_branch_test
