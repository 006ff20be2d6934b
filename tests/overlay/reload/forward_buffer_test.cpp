#include "reload/forward_buffer.hpp"

#include <doctest.h>

#include "support/node_ids.hpp"
#include "support/still_link.hpp"

namespace forward_buffer_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::still_link;

namespace {

kept_message message(std::uint64_t transaction, const transport::link* l) {
  kept_message m;
  m.header.transaction_id = transaction;
  m.link = l;
  return m;
}

}  // namespace

TEST_CASE("a copy is taken once, by its token, and put back under it") {
  forward_buffer b;
  const auto first = b.keep(message(7, nullptr));
  const auto second = b.keep(message(8, nullptr));
  CHECK(first != 0);
  CHECK(second != first);
  auto m = b.take(first);
  REQUIRE(m.has_value());
  CHECK(m->header.transaction_id == 7);
  CHECK_FALSE(b.take(first).has_value());
  CHECK_FALSE(b.take(0).has_value());
  b.put_back(first, std::move(*m));
  CHECK(b.size() == 2);
  CHECK(b.take(first)->header.transaction_id == 7);
}

TEST_CASE("of a link that has closed all copies are taken, the oldest first, and no others") {
  const still_link closed(testing::id(1));
  const still_link other(testing::id(2));
  forward_buffer b;
  for (std::uint64_t i = 0; i < 40; ++i) b.keep(message(i, i % 4 == 3 ? &other : &closed));
  const auto left = b.take_of(&closed);
  REQUIRE(left.size() == 30);
  for (std::size_t i = 1; i < left.size(); ++i) CHECK(left[i - 1].header.transaction_id < left[i].header.transaction_id);
  CHECK(b.size() == 10);
  CHECK(b.take_of(&closed).empty());
}

TEST_CASE("of messages beyond the bound no copy is kept, until one is taken") {
  forward_buffer b;
  std::uint64_t token = 0;
  while (b.size() < forward_buffer::messages_max) {  // ends with the bound
    token = b.keep(message(b.size(), nullptr));
    REQUIRE(token != 0);
  }
  CHECK(b.keep(message(1, nullptr)) == 0);
  CHECK(b.size() == forward_buffer::messages_max);
  b.take(token);
  CHECK(b.keep(message(1, nullptr)) != 0);
}

}  // namespace forward_buffer_test
