#include "phyllo/stun/framing.hpp"

#include <doctest.h>

#include "phyllo/stun/message.hpp"

namespace stun_framing_test {

using namespace phyllo;
using event = stun::framing::event;

namespace {

core::bytes binding() {
  stun::message m;
  m.transaction.fill(5);
  m.add(0x8022, {'p', 'h', 'y'});
  return m.encode();
}

}  // namespace

TEST_CASE("messages and channel data are cut out of a stream, however it is torn") {
  core::bytes all = binding();
  core::append(all, *core::from_hex("4001000568656c6c6f000000"));  // five bytes, padded to eight
  core::append(all, binding());
  for (const std::size_t step : {1UL, 3UL, 7UL, 1000UL}) {
    stun::framing f;
    std::vector<std::pair<event, core::bytes>> got;
    for (std::size_t at = 0; at < all.size(); at += step) {
      f.feed(core::byte_view(all).subspan(at, std::min(step, all.size() - at)));
      for (auto p = f.next(); p.what != event::need_more; p = f.next()) got.emplace_back(p.what, core::to_bytes(p.data));
    }
    REQUIRE(got.size() == 3);
    CHECK(got[0] == std::pair(event::message, binding()));
    CHECK(got[1] == std::pair(event::channel_data, *core::from_hex("4001000568656c6c6f")));
    CHECK(got[2] == std::pair(event::message, binding()));
  }
}

TEST_CASE("a stream that is neither is broken at once") {
  stun::framing text;
  text.feed(*core::from_hex("80010004"));
  CHECK(text.next().what == event::broken);
  stun::framing unpadded;
  unpadded.feed(*core::from_hex("00010003"));
  CHECK(unpadded.next().what == event::broken);
}

}  // namespace stun_framing_test
