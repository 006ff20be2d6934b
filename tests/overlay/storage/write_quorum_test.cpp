#include "storage/write_quorum.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_extension.hpp"
#include "support/replica_values.hpp"

namespace write_quorum_test {

using namespace phyllo;
using step = overlay::write_quorum::step;
using testing::make_ring;

namespace {

overlay::answer answer_with(std::uint16_t code, std::uint16_t error = 0) {
  overlay::answer a;
  if (error != 0) {
    a.contents = overlay::make_error(error, "x");
  } else {
    a.contents.code = code;
  }
  return a;
}

}  // namespace

TEST_CASE("a write is done with a majority, and begins anew when no majority can be had") {
  std::mt19937_64 random(14);
  const auto set = make_ring(random, 5);
  const auto stored = answer_with(overlay::code::store_req + 1);
  auto disagrees = answer_with(0, overlay::error_code::forbidden);
  disagrees.contents.extensions.push_back(overlay::replica_state{.view = 7, .holders = 0, .members = {}, .unsynced = {}}.encode());
  overlay::write_quorum q(set, set[0].node);
  CHECK(q.targets().size() == 4);
  q.take(set[1].node, stored);
  q.take(set[1].node, stored);  // counts once
  CHECK(q.next() == step::wait);
  q.take(set[2].node, disagrees);
  CHECK(q.next() == step::wait);
  q.take(set[3].node, stored);
  CHECK(q.next() == step::done);
  CHECK(q.holders() == 3);

  overlay::write_quorum refused(set, set[0].node);
  for (std::size_t i = 1; i < 4; ++i) refused.take(set[i].node, disagrees);
  CHECK(refused.next() == step::again);
  CHECK(refused.disagreeing().size() == 3);

  overlay::write_quorum older(set, set[0].node);
  older.take(set[4].node, answer_with(0, overlay::error_code::data_too_old));
  CHECK(older.next() == step::superseded);
  CHECK(older.newer() == set[4].node);

  auto doubtful = set;
  doubtful[1].suspect = doubtful[2].suspect = true;
  overlay::write_quorum few(doubtful, set[0].node);
  few.take(set[3].node, stored);
  CHECK(few.next() == step::wait);
  few.take(set[4].node, core::fail(overlay::errc::timed_out));
  CHECK(few.next() == step::again);  // nobody of whom an answer is expected is left
}

TEST_CASE("a write ends when a majority refuses for reasons that asking again does not heal, and with the first of them") {
  std::mt19937_64 random(15);
  const auto set = make_ring(random, 5);
  using namespace overlay::error_code;
  for (const auto error : {forbidden, invalid_message, data_too_large, message_too_large, unknown_extension}) {
    overlay::write_quorum q(set, set[0].node);
    q.take(set[1].node, answer_with(0, error));
    q.take(set[2].node, answer_with(0, error));
    CHECK(q.next() == step::wait);  // two of the others make a majority with the root
    q.take(set[3].node, answer_with(0, error));
    CHECK(q.next() == step::refused);
    CHECK(q.refusal()->code == error);
  }
  for (const auto error : {request_timeout, unknown_kind, in_progress, config_too_old, config_too_new}) {
    overlay::write_quorum q(set, set[0].node);
    for (std::size_t i = 1; i < 5; ++i) q.take(set[i].node, answer_with(0, error));
    CHECK(q.next() == step::again);
    CHECK_FALSE(q.refusal().has_value());
  }
}

TEST_CASE("a node alone has written at once") {
  std::mt19937_64 random(1);
  const auto set = make_ring(random, 1);
  const overlay::write_quorum q(set, set[0].node);
  CHECK(q.targets().empty());
  CHECK(q.next() == step::done);
  CHECK(q.holders() == 1);
}

TEST_CASE("answers of strangers, of another method and malformed ones are of no holder") {
  std::mt19937_64 random(2);
  const auto set = make_ring(random, 3);
  overlay::write_quorum q(set, set[0].node);
  q.take(testing::random_id(random), answer_with(overlay::code::store_req + 1));
  q.take(set[1].node, answer_with(overlay::code::fetch_req + 1));
  CHECK(q.holders() == 1);
  CHECK(q.next() == step::wait);
  auto malformed = answer_with(overlay::code::error);
  malformed.contents.body = {1};
  q.take(set[2].node, malformed);
  CHECK(q.next() == step::again);
  CHECK_FALSE(q.refusal().has_value());
  CHECK(q.disagreeing().empty());
}

TEST_CASE("a refusal for the view's sake is of the view only with the state that shows it") {
  std::mt19937_64 random(3);
  const auto set = make_ring(random, 3);
  overlay::write_quorum q(set, set[0].node);
  auto of_view = answer_with(0, overlay::error_code::forbidden);
  of_view.contents.extensions.push_back(overlay::replica_state{.view = 7, .holders = 0, .members = {}, .unsynced = {}}.encode());
  q.take(set[1].node, of_view);
  CHECK(q.disagreeing() == std::vector{set[1].node});
  CHECK_FALSE(q.refusal().has_value());
  q.take(set[2].node, answer_with(0, overlay::error_code::forbidden));
  CHECK(q.disagreeing().size() == 1);
  CHECK(q.refusal()->code == overlay::error_code::forbidden);
}

}  // namespace write_quorum_test
