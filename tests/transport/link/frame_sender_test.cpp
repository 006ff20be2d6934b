// The sender and its receiver under a simulated channel that loses, reorders and doubles datagrams, with a chosen time.
#include "transport/link/frame_sender.hpp"

#include <doctest.h>

#include <map>
#include <random>
#include <set>

#include "phyllo/transport/errc.hpp"
#include "transport/link/frame_receiver.hpp"

namespace frame_sender_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::frame_sender;

namespace {

const core::time_point start{1h};

core::bytes numbered_message(std::uint64_t n) { return core::to_bytes("message " + std::to_string(n)); }

// One direction's data and the other's ACKs over a channel of chosen quality.
struct lossy_channel {
  std::mt19937_64 random{1};
  double loss = 0;
  double doubling = 0;
  core::duration delay_min = 10ms;
  core::duration delay_max = 30ms;
  std::multimap<core::time_point, core::bytes> to_receiver;
  std::multimap<core::time_point, core::bytes> to_sender;
  std::size_t sent = 0;

  double chance() { return std::uniform_real_distribution<>(0, 1)(random); }
  void put(std::multimap<core::time_point, core::bytes>& into, const core::bytes& data, core::time_point now) {
    for (int copies = chance() < doubling ? 2 : 1; copies > 0; --copies) {
      if (chance() >= loss)
        into.emplace(now + delay_min + std::chrono::duration_cast<core::duration>((delay_max - delay_min) * chance()), data);
    }
  }
};

struct conversation {
  lossy_channel channel;
  frame_sender sender{{}};
  transport::frame_receiver receiver{1min};  // the whole run, so that doubling shows
  std::set<std::uint32_t> seen;              // DTLS drops replayed records, so a sequence number comes once
  std::map<core::bytes, int> delivered;
  std::map<std::uint64_t, int> acknowledged;
  std::map<std::uint64_t, int> overdue;
  core::time_point now = start;
  core::status alive;

  void transmit() {
    while (const auto f = sender.next_frame(now)) {
      ++channel.sent;
      channel.put(channel.to_receiver, *f, now);
    }
    for (const auto& e : sender.take_events()) ++(e.kind == frame_sender::event_kind::overdue ? overdue : acknowledged)[e.token];
  }

  bool arrive(std::multimap<core::time_point, core::bytes>& from, auto&& take) {
    if (from.empty() || from.begin()->first > now) return false;
    const auto data = from.begin()->second;
    from.erase(from.begin());
    take(transport::decode_frame(data).value());
    return true;
  }

  void receive(const transport::frame& f) {
    if (!seen.insert(f.sequence).second) return;
    channel.put(channel.to_sender, transport::encode_ack(f.sequence, receiver.received(f.sequence)), now);
    if (receiver.fresh(f.message, now)) ++delivered[core::to_bytes(f.message)];
  }

  // Until all is acknowledged, or the sender gives up, or `limit` has passed.
  void run(std::size_t messages, core::duration limit = 5min) {
    transmit();
    while (alive && acknowledged.size() < messages && now < start + limit) {
      auto next = sender.deadline();
      for (const auto* q : {&channel.to_receiver, &channel.to_sender}) {
        if (!q->empty()) next = std::min(next, q->begin()->first);
      }
      REQUIRE(next != core::time_point::max());
      now = std::max(now, next);
      while (arrive(channel.to_receiver, [&](const transport::frame& f) { receive(f); })) {
      }
      while (arrive(channel.to_sender, [&](const transport::frame& f) { sender.on_ack(f, now); })) {
      }
      alive = sender.on_timer(now);
      transmit();
    }
  }

  void submit(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      std::vector<core::bytes> parts;
      parts.push_back(numbered_message(i));
      REQUIRE(sender.submit(std::move(parts), i));
    }
  }
};

void check_all_arrived(conversation& c, std::uint64_t count) {
  REQUIRE_MESSAGE(c.alive.has_value(), (c.alive ? "" : c.alive.error().message()));
  CHECK(c.acknowledged.size() == count);
  CHECK(c.delivered.size() == count);
  for (std::uint64_t i = 1; i <= count; ++i) {
    CHECK(c.delivered[numbered_message(i)] == 1);
    CHECK(c.acknowledged[i] == 1);
    CHECK(c.overdue[i] <= 1);
  }
}

}  // namespace

TEST_CASE("a link that goes on over another carrier sends just what the peer has not, in order, and cut anew") {
  const core::time_point now{1h};
  transport::frame_sender::options stream;
  stream.retransmit = false;
  transport::frame_sender sender(stream);
  transport::frame_receiver receiver;
  for (std::uint8_t i = 0; i < 4; ++i) REQUIRE(sender.submit({core::bytes(10, i)}, i + 1U));
  std::vector<core::bytes> frames;
  while (const auto f = sender.next_frame(now)) frames.push_back(*f);
  REQUIRE(frames.size() == 4);
  static_cast<void>(receiver.received(transport::decode_frame(frames[0])->sequence));
  static_cast<void>(receiver.received(transport::decode_frame(frames[2])->sequence));
  REQUIRE(sender.submit({core::bytes(3, 9)}, 9));
  sender.move(receiver.state(), true, [](core::byte_view m) {
    std::vector<core::bytes> pieces;
    for (; m.size() > 6; m = m.subspan(6)) pieces.push_back(core::to_bytes(m.first(6)));
    pieces.push_back(core::to_bytes(m));
    return pieces;
  });
  const auto done = sender.take_events();
  REQUIRE(done.size() == 2);
  CHECK(done[0].token == 1);
  CHECK(done[1].token == 3);
  std::vector<core::bytes> again;
  std::vector<std::uint32_t> numbers;
  while (const auto f = sender.next_frame(now)) {
    const auto d = transport::decode_frame(*f);
    again.push_back(core::to_bytes(d->message));
    numbers.push_back(d->sequence);
  }
  CHECK(again == std::vector<core::bytes>{core::bytes(6, 1), core::bytes(4, 1), core::bytes(6, 3), core::bytes(4, 3), core::bytes(3, 9)});
  for (const auto n : numbers) sender.on_ack({.data = false, .sequence = n, .received = 0, .message = {}}, now + 10ms);
  CHECK(sender.take_events().size() == 3);
  CHECK(sender.in_flight() == 0);
  CHECK(sender.deadline() == core::time_point::max());
}

TEST_CASE("over a good channel nothing is sent twice") {
  conversation c;
  c.channel.delay_max = c.channel.delay_min;
  c.submit(500);
  c.run(500);
  check_all_arrived(c, 500);
  CHECK(c.channel.sent == 500);
}

TEST_CASE("over a channel that loses, reorders and doubles, every message arrives once") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    conversation c;
    c.channel.random.seed(seed);
    c.channel.loss = 0.1;
    c.channel.doubling = 0.1;
    c.channel.delay_max = 80ms;
    c.submit(300);
    c.run(300);
    check_all_arrived(c, 300);
  }
}

TEST_CASE("a link outlives a path that loses three datagrams of ten, and does not wait longer and longer on it") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    conversation c;
    c.channel.random.seed(seed);
    c.channel.loss = 0.3;
    c.channel.delay_min = 20ms;
    c.submit(100);
    c.run(100);
    check_all_arrived(c, 100);
    CHECK(c.now - start < 15s);
  }
}

TEST_CASE("the window grows while ACKs come, so a long path is filled") {
  conversation c;
  c.channel.delay_min = c.channel.delay_max = 50ms;
  c.submit(1000);
  c.run(1000);
  check_all_arrived(c, 1000);
  CHECK(c.now - start < 2s);  // stop-and-wait would take 100 s
}

TEST_CASE("a message is overdue once, at the RTO, and may still be acknowledged") {
  frame_sender s({});
  s.rtt().sample(20ms);
  std::vector<core::bytes> parts;
  parts.push_back(numbered_message(1));
  REQUIRE(s.submit(std::move(parts), 77));
  REQUIRE(s.next_frame(start));
  CHECK(s.deadline() == start + 60ms);  // 20 + 4 * 10
  REQUIRE(s.on_timer(start + 59ms));
  CHECK(s.take_events().empty());
  REQUIRE(s.on_timer(start + 60ms));
  const auto late = s.take_events();
  REQUIRE(late.size() == 1);
  CHECK(late[0].kind == frame_sender::event_kind::overdue);
  CHECK(late[0].token == 77);
  CHECK_FALSE(s.next_frame(start + 60ms));
  REQUIRE(s.on_timer(start + 200ms));
  REQUIRE(s.next_frame(start + 200ms));
  CHECK(s.take_events().empty());
  s.on_ack({false, 1, 0, {}}, start + 220ms);
  const auto done = s.take_events();
  REQUIRE(done.size() == 1);
  CHECK(done[0].kind == frame_sender::event_kind::acknowledged);
  CHECK(s.deadline() == core::time_point::max());
}

TEST_CASE("retransmissions take new sequence numbers, double their waits, and end after five") {
  frame_sender s({});
  std::vector<core::bytes> parts;
  parts.push_back(numbered_message(1));
  REQUIRE(s.submit(std::move(parts), 1));
  auto now = start;
  std::vector<core::duration> at;
  std::vector<std::uint32_t> sequences;
  core::status alive;
  while (alive) {
    while (const auto f = s.next_frame(now)) {
      at.push_back(now - start);
      sequences.push_back(transport::decode_frame(*f).value().sequence);
    }
    now = s.deadline();
    alive = s.on_timer(now);
  }
  // RFC 6940 s.6.6.3.1: "requests would be sent at times 0 ms, 500 ms, 1500 ms, 3500 ms, and 7500 ms".
  CHECK(at == std::vector<core::duration>{0ms, 500ms, 1500ms, 3500ms, 7500ms});
  CHECK(sequences == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(alive.error() == transport::errc::timed_out);
}

TEST_CASE("an ACK's bitmask acknowledges what lost ACKs should have") {
  frame_sender s({});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    std::vector<core::bytes> parts;
    parts.push_back(numbered_message(i));
    REQUIRE(s.submit(std::move(parts), i));
  }
  while (s.next_frame(start)) {
  }
  s.on_ack({false, 3, 0b101, {}}, start + 10ms);  // 3, 2 and 0; not 1
  std::set<std::uint64_t> tokens;
  for (const auto& e : s.take_events()) tokens.insert(e.token);
  CHECK(tokens == std::set<std::uint64_t>{1, 3, 4});
  CHECK(s.in_flight() == 1);
}

TEST_CASE("a frame that three later ones have passed is sent again without waiting") {
  frame_sender s({});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    std::vector<core::bytes> parts;
    parts.push_back(numbered_message(i));
    REQUIRE(s.submit(std::move(parts), i));
  }
  while (s.next_frame(start)) {
  }
  s.on_ack({false, 1, 0, {}}, start + 10ms);
  s.on_ack({false, 2, 0, {}}, start + 10ms);
  CHECK_FALSE(s.next_frame(start + 10ms));
  s.on_ack({false, 3, 0, {}}, start + 10ms);
  const auto again = s.next_frame(start + 10ms);
  REQUIRE(again);
  CHECK(core::equal(transport::decode_frame(*again).value().message, numbered_message(1)));
}

TEST_CASE("over TLS nothing is sent again, and thirty seconds of silence end the link") {
  frame_sender s({.retransmit = false});
  std::vector<core::bytes> parts;
  parts.push_back(numbered_message(1));
  REQUIRE(s.submit(std::move(parts), 5));
  REQUIRE(s.next_frame(start));
  REQUIRE(s.on_timer(start + 500ms));
  CHECK(s.take_events().size() == 1);  // overdue
  REQUIRE(s.on_timer(start + 29s));
  CHECK_FALSE(s.next_frame(start + 29s));
  CHECK(s.on_timer(start + 30s).error() == transport::errc::timed_out);
}

TEST_CASE("the queue is bounded, and a message of several parts is acknowledged as one") {
  frame_sender s({.queue_bytes_max = 100});
  std::vector<core::bytes> parts(2, core::bytes(40));
  REQUIRE(s.submit(parts, 9));
  CHECK(s.submit(parts, 10).error() == transport::errc::overloaded);
  while (s.next_frame(start)) {
  }
  s.on_ack({false, 0, 0, {}}, start + 1ms);
  CHECK(s.take_events().empty());
  s.on_ack({false, 1, 0, {}}, start + 1ms);
  CHECK(s.take_events().size() == 1);
  REQUIRE(s.submit(parts, 10));
}

TEST_CASE("an ACK for what was never sent changes nothing") {
  frame_sender s({});
  s.on_ack({false, 12345, 0xffffffff, {}}, start);
  CHECK(s.take_events().empty());
  CHECK(s.rtt().srtt() == 0ms);
}

}  // namespace frame_sender_test
