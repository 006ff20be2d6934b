#include "transport/link/frame.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "transport/link/frame_receiver.hpp"

namespace frame_test {

using namespace phyllo;

TEST_CASE("frames have RFC 6940's form") {
  CHECK(core::to_hex(transport::encode_data(7, core::as_bytes("abc"))) == "8000000007000003616263");
  CHECK(core::to_hex(transport::encode_ack(7, 0x80000001)) == "810000000780000001");
  CHECK(transport::decode_frame(*core::from_hex("8000000007000003616263")).value().message.size() == 3);
  for (const auto* bad : {"", "80", "8000000007000004616263", "800000000700000361626364", "8100000007000000", "8200000007000003616263"}) {
    CHECK(transport::decode_frame(*core::from_hex(bad)).error() == transport::errc::malformed);
  }
}

TEST_CASE("a stream of frames is cut wherever it is torn") {
  auto whole = transport::encode_data(1, core::as_bytes("first"));
  core::append(whole, transport::encode_ack(9, 3));
  core::append(whole, transport::encode_data(2, core::as_bytes("second")));
  for (std::size_t step = 1; step <= whole.size(); ++step) {
    transport::frame_splitter s(100);
    std::vector<core::bytes> got;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      s.feed(core::byte_view(whole).subspan(at, std::min(step, whole.size() - at)));
      while (const auto f = s.next().value()) got.push_back(core::to_bytes(*f));
    }
    REQUIRE(got.size() == 3);
    CHECK(transport::decode_frame(got[1]).value().received == 3);
  }
}

TEST_CASE("of a message that is too large a stream gives the beginning, and then what follows it") {
  auto whole = transport::encode_data(1, core::bytes(1000, 7));
  core::append(whole, transport::encode_data(2, core::as_bytes("second")));
  for (std::size_t step = 1; step <= whole.size(); step += 13) {
    transport::frame_splitter s(100);
    std::vector<core::bytes> got;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      s.feed(core::byte_view(whole).subspan(at, std::min(step, whole.size() - at)));
      while (const auto f = s.next().value()) got.push_back(core::to_bytes(*f));
    }
    REQUIRE(got.size() == 2);
    CHECK(core::to_bytes(transport::decode_frame(got[0])->message) == core::bytes(100, 7));
    CHECK(core::as_text(transport::decode_frame(got[1])->message) == "second");
  }
}

TEST_CASE("a stream of nonsense is refused at its first octet") {
  transport::frame_splitter t(100);
  t.feed(*core::from_hex("16"));
  CHECK(t.next().error() == transport::errc::malformed);
}

TEST_CASE("a state of receipt survives its way, and tells what has arrived of the last 1024") {
  transport::frame_receiver r;
  for (const std::uint32_t n : {5U, 7U, 1030U}) static_cast<void>(r.received(n));
  transport::move_frame m;
  m.token.fill(0xab);
  m.state = r.state();
  const auto question = transport::encode_move(m);
  CHECK(question.size() == transport::move_size);
  const auto read = transport::decode_move(question).value();
  CHECK_FALSE(read.moved);
  CHECK(read.token == m.token);
  CHECK(read.state == m.state);
  CHECK(read.state.has(1030));
  CHECK(read.state.has(7));
  CHECK_FALSE(read.state.has(6));
  CHECK_FALSE(read.state.has(5));  // more than 1024 ago
  CHECK_FALSE(transport::receive_state{}.has(0));
  m.moved = m.accepted = true;
  const auto answer = transport::encode_move(m);
  CHECK(answer.size() == transport::moved_size);
  CHECK(transport::decode_move(answer).value().accepted);
  CHECK_FALSE(transport::decode_move(core::byte_view(answer).first(answer.size() - 1)));
  transport::frame_splitter s(100);
  s.feed(question);
  s.feed(answer);
  CHECK(core::to_bytes(**s.next()) == question);
  CHECK(core::to_bytes(**s.next()) == answer);
}

TEST_CASE("a frame that is cut short anywhere, or goes on, is malformed") {
  transport::move_frame question;
  question.token.fill(1);
  transport::move_frame answer;
  answer.moved = true;
  for (const auto& whole : {transport::encode_data(1, core::as_bytes("abc")), transport::encode_ack(1, 2)}) {
    for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(transport::decode_frame(core::byte_view(whole).first(n)));
    CHECK(transport::decode_frame(whole));
    CHECK_FALSE(transport::decode_move(whole));
    CHECK_FALSE(transport::is_move(whole));
  }
  for (const auto& m : {question, answer}) {
    auto whole = transport::encode_move(m);
    for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(transport::decode_move(core::byte_view(whole).first(n)));
    CHECK(transport::decode_move(whole));
    CHECK(transport::is_move(whole));
    CHECK_FALSE(transport::decode_frame(whole));
    whole.push_back(0);
    CHECK_FALSE(transport::decode_move(whole));
  }
  CHECK_FALSE(transport::is_move({}));
}

TEST_CASE("an answer that says neither yes nor no is a no") {
  transport::move_frame m;
  m.moved = m.accepted = true;
  auto whole = transport::encode_move(m);
  whole[1] = 2;
  CHECK_FALSE(transport::decode_move(whole)->accepted);
}

TEST_CASE("the largest message and the empty one are framed") {
  const core::bytes largest(0xffffff, 5);
  const auto whole = transport::encode_data(0xffffffff, largest);
  CHECK(core::to_hex(core::byte_view(whole).first(8)) == "80ffffffffffffff");
  CHECK(transport::decode_frame(whole)->message.size() == largest.size());
  CHECK(transport::decode_frame(transport::encode_data(0, {}))->message.empty());
}

TEST_CASE("what has been received is told modulo 2^32") {
  transport::receive_state s;
  s.highest = 1;
  s.seen.set(0);
  s.seen.set(3);
  CHECK(s.has(1));
  CHECK(s.has(0xfffffffe));
  CHECK_FALSE(s.has(0xffffffff));
  CHECK_FALSE(s.has(2));
  CHECK_FALSE(s.has(1U - static_cast<std::uint32_t>(transport::receive_state::window)));
}

}  // namespace frame_test
