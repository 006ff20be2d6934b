#include "reload/attach_stamp.hpp"

#include <doctest.h>

#include "phyllo/core/wire.hpp"

namespace attach_stamp_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

constexpr std::uint64_t now = 1'700'000'000'000;
const auto alice = node_id::from_hex("11111111111111111111111111111111").value();
const auto bob = node_id::from_hex("22222222222222222222222222222222").value();

struct book_of_times {
  core::metrics metrics;
  attach_book book{{1, 2}, metrics.evictions("test")};
};

}  // namespace

TEST_CASE("an Attach says when it was made, and for whom") {
  for (const auto& target : {destination::to_node(bob), destination::to_resource(alice)}) {
    message_contents m;
    m.extensions.push_back(attach_stamp{now, target}.encode());
    const auto back = attach_stamp::of(m);
    REQUIRE(back.has_value());
    CHECK(back->made_ms == now);
    CHECK(back->target == target);
    m.extensions.front().content.pop_back();
    CHECK_FALSE(attach_stamp::of(m).has_value());
  }
  CHECK_FALSE(attach_stamp::of(message_contents()).has_value());
}

TEST_CASE("an Attach of another time is not taken, and none twice") {
  book_of_times b;
  CHECK_FALSE(b.book.take(alice, now - 60'001, now));
  CHECK_FALSE(b.book.take(alice, now + 60'001, now));
  CHECK_FALSE(b.book.take(alice, 0, now));
  CHECK_FALSE(b.book.take(alice, ~std::uint64_t{0}, now));
  CHECK(b.book.take(alice, now - 60'000, now));
  CHECK(b.book.take(alice, now, now));
  CHECK_FALSE(b.book.take(alice, now, now + 1000));
  CHECK_FALSE(b.book.take(alice, now - 1, now + 1000));
  CHECK(b.book.take(bob, now - 1, now + 1000));
}

TEST_CASE("times are kept of so many signers, the longest silent goes first") {
  book_of_times b;
  CHECK(b.book.take(alice, now, now));
  for (std::size_t i = 0; i < attach_book::signers_max; ++i) {
    auto n = bob;
    n.octets[0] = static_cast<std::uint8_t>(i);
    n.octets[1] = static_cast<std::uint8_t>(i >> 8);
    REQUIRE(b.book.take(n, now, now));
  }
  CHECK(b.metrics.evictions("test").value() == 1);
}

}  // namespace attach_stamp_test
