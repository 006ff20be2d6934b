// A node whose shards have threads of their own: phones whose addresses, registrations and calls are different shards' reach each other as
// at any node.
#include <doctest.h>

#include <set>

#include "support/calls.hpp"
#include "support/sharded_node.hpp"
#include "support/stream_phone.hpp"

namespace shards_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

constexpr unsigned shards = 4;
const std::string domain = "@example.com";

core::awaitable<sip::message> registers(phone& p, const std::string& at, std::string contact = {}) {
  static unsigned calls = 0;
  const auto call_id = "registers-" + std::to_string(++calls);
  const auto to = "<sip:" + p.user() + domain + ">";
  auto first = p.make("REGISTER", "sip:example.com", to, 1, call_id);
  p.send(first, at);
  const auto challenge = co_await p.hear_status(401);
  auto second = p.make("REGISTER", "sip:example.com", to, 2, call_id);
  if (!contact.empty()) {
    second.remove_headers("Contact");
    REQUIRE(second.add_header("Contact", contact));
  }
  p.authorize(second, challenge);
  p.send(second, at);
  co_return co_await p.hear_status(200);
}

// INVITE, 180, 200, ACK, a request of either side, BYE of the callee.
core::awaitable<void> call(phone& caller, phone& callee, std::string at, std::string id) {
  (void)co_await invites(caller, callee.user() + domain, at, id);
  const auto invite = co_await callee.hear_method("INVITE");
  callee.reply(invite, 180);
  (void)co_await caller.hear_status(180);
  callee.reply(invite, 200);
  const auto answer = co_await caller.hear_status(200);
  auto ack = within(caller, "ACK", answer, 2);
  caller.send(ack, first_hop(ack));
  (void)co_await callee.hear_method("ACK");
  auto info = within(caller, "INFO", answer, 3);
  caller.send(info, first_hop(info));
  const auto heard = co_await callee.hear_method("INFO");
  callee.reply(heard, 200, false);
  (void)co_await caller.hear_status(200);
  auto bye = within_as_callee(callee, "BYE", invite, callee.user() + "-tag");
  callee.send(bye, first_hop(bye));
  const auto end = co_await caller.hear_method("BYE");
  caller.reply(end, 200, false);
  (void)co_await callee.hear_status(200);
}

core::awaitable<void> all_call(sip_ring& ring, sharded_node& n) {
  co_await n.start();
  std::vector<std::unique_ptr<phone>> phones;
  std::set<unsigned> used;
  for (unsigned i = 0; i < 8; ++i) {
    phones.push_back(ring.make_phone("user" + std::to_string(i), 101 + 4 * i));
    used.insert(n.shard_of(phones.back()->address()));
    (void)co_await registers(*phones.back(), n.at());
  }
  CHECK(used.size() == shards);
  const auto bound = co_await n.bindings();
  CHECK(bound == 8);
  unsigned calls = 0;
  for (const auto& a : phones) {
    for (const auto& b : phones) {
      if (a != b) co_await call(*a, *b, n.at(), "call-" + std::to_string(++calls));
    }
  }
  for (unsigned i = 0; i < shards; ++i) CHECK(n.received_by(i, "udp") > 0);
  CHECK(n.passed_on() > calls);
  for (auto& p : phones) co_await p->hang_up();
  co_await n.stop();
}

// Two phones of different shards, and of a third one the caller's home, as far as chance allows: several pairs are tried.
core::awaitable<void> cancels(sip_ring& ring, sharded_node& n) {
  co_await n.start();
  for (unsigned i = 0; i < 6; ++i) {
    auto caller = ring.make_phone("user" + std::to_string(2 * i), 101 + 2 * i);
    auto callee = ring.make_phone("user" + std::to_string(2 * i + 1), 102 + 2 * i);
    (void)co_await registers(*callee, n.at());
    const auto sent = co_await invites(*caller, callee->user() + domain, n.at(), "cancelled-" + std::to_string(i));
    const auto invite = co_await callee->hear_method("INVITE");
    callee->reply(invite, 180);
    (void)co_await caller->hear_status(180);
    caller->send(sent, n.at());  // a retransmission, which gets the last provisional response again
    (void)co_await caller->hear_status(180);
    auto cancel = sent.follow_up("CANCEL");
    caller->send(cancel, n.at());
    (void)co_await caller->hear_status(200);
    const auto told = co_await callee->hear();
    CHECK(told.method_name() == "CANCEL");
    callee->reply(told, 200, false);
    callee->reply(invite, 487, false);
    const auto acknowledged = co_await callee->hear_method("ACK");
    CHECK(top_via(acknowledged)->branch == top_via(invite)->branch);
    (void)co_await caller->hear_status(487);
    co_await caller->hang_up();
    co_await callee->hang_up();
  }
  co_await n.stop();
}

core::awaitable<void> two_flows(sip_ring& ring, sharded_node& n) {
  co_await n.start();
  const std::string instance = ";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-0000000000bb>\"";
  auto caller = ring.make_phone("alice", 101);
  std::vector<std::unique_ptr<phone>> bobs;
  for (unsigned i = 0; i < 4; ++i) bobs.push_back(ring.make_phone("bob", 110 + i));
  std::set<unsigned> used;
  for (const auto& b : bobs) used.insert(n.shard_of(b->address()));
  CHECK(used.size() > 1);
  sip::message last = co_await registers(*bobs[0], n.at());
  for (unsigned i = 1; i < 4; ++i) last = co_await registers(*bobs[i], n.at());
  CHECK(last.contacts().size() == 4);  // his registrations are one after the other, wherever he sends them from
  (void)co_await invites(*caller, "bob@example.com", n.at(), "forked");
  for (auto& b : bobs) {
    const auto seen = co_await b->hear_method("INVITE");
    b->reply(seen, 486, false);
  }
  (void)co_await caller->hear_status(486);
  co_await caller->hang_up();
  for (auto& b : bobs) co_await b->hang_up();
  co_await n.stop();
}

core::awaitable<void> stream_registers(stream_phone& s, phone& words, std::string call_id) {
  const auto to = "<sip:" + words.user() + domain + ">";
  const auto first = words.make("REGISTER", "sip:example.com", to, 1, call_id);
  co_await s.say(first);
  const auto challenge = co_await s.hear_status(401);
  auto second = words.make("REGISTER", "sip:example.com", to, 2, call_id);
  words.authorize(second, challenge);
  co_await s.say(second);
  (void)co_await s.hear_status(200);
}

core::awaitable<sip::message> final_of(phone& p) {
  while (true) {  // ends with a final response, or fails the test
    auto m = co_await p.hear();
    if (!m.is_request() && m.status() >= 200) co_return m;
  }
}

core::awaitable<void> streams(sip_ring& ring, sharded_node& n) {
  co_await n.start();
  for (unsigned i = 0; i < 6; ++i) {
    auto words = ring.make_phone("user" + std::to_string(20 + i), 120 + i);  // makes the messages that go by the connection
    auto bob = co_await stream_phone::connect(ring.env(), ring.place(120 + i), n.at());
    co_await stream_registers(*bob, *words, "stream-" + std::to_string(i));
    auto caller = ring.make_phone("alice", 101 + i);
    (void)co_await invites(*caller, words->user() + domain, n.at(), "to-stream-" + std::to_string(i));
    const auto invite = co_await bob->hear();
    REQUIRE(invite.is_request());
    CHECK(invite.method_name() == "INVITE");
    auto busy = invite.reply(486, {}, "tag");
    co_await bob->say(busy);
    (void)co_await caller->hear_status(486);
    const auto ack = co_await bob->hear();
    CHECK(ack.method_name() == "ACK");
    bob->stream().close();
    bob.reset();
    co_await core::sleep_for(ring.env(), 50ms);
    (void)co_await invites(*caller, words->user() + domain, n.at(), "to-nobody-" + std::to_string(i));
    const auto failed = co_await final_of(*caller);
    CHECK(failed.status() >= 400);  // his flow is gone, which another shard has told
    CHECK(failed.status() != 408);
    co_await caller->hang_up();
    co_await words->hang_up();
  }
  co_await n.stop();
}

core::awaitable<void> at_once(sip_ring& ring, sharded_node& n) {
  co_await n.start();
  core::task_scope scope(ring.env());
  std::vector<std::unique_ptr<phone>> phones;
  for (unsigned i = 0; i < 40; ++i) phones.push_back(ring.make_phone("user" + std::to_string(i), 101 + i));
  const auto one = [](phone& p, std::string at) -> core::awaitable<void> { (void)co_await registers(p, at); };
  for (auto& p : phones) scope.spawn(one(*p, n.at()));
  co_await scope.join();
  const auto bound = co_await n.bindings();
  CHECK(bound == 40);
  for (unsigned i = 0; i < 40; i += 2) scope.spawn(call(*phones[i], *phones[i + 1], n.at(), "at-once-" + std::to_string(i)));
  co_await scope.join();
  for (auto& p : phones) co_await p->hang_up();
  co_await n.stop();
}

}  // namespace

TEST_CASE("phones of all shards call each other, and their dialogs go both ways") {
  sip_ring ring(61, 0);
  sharded_node n(ring, 61, shards);
  ring.run(all_call(ring, n));
}

TEST_CASE("a retransmission and a CANCEL find their transaction at another shard than they come to") {
  sip_ring ring(62, 0);
  sharded_node n(ring, 62, shards);
  ring.run(cancels(ring, n));
}

TEST_CASE("a user's phones at addresses of several shards are listed together, and called together") {
  sip_ring ring(63, 0);
  sharded_node n(ring, 63, shards);
  ring.run(two_flows(ring, n));
}

TEST_CASE("a phone's connection is called by whatever shard, and its end is told there") {
  sip_ring ring(64, 0);
  sharded_node n(ring, 64, shards);
  ring.run(streams(ring, n));
}

TEST_CASE("many phones register and call at once") {
  sip_ring ring(65, 0);
  sharded_node n(ring, 65, shards);
  ring.run(at_once(ring, n));
}

}  // namespace shards_test
