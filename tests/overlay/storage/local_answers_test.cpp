#include "storage/local_answers.hpp"

#include <doctest.h>

#include "overlay/support/simulated_ring.hpp"
#include "reload/message.hpp"

namespace local_answers_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

// All of the overlay's records, alone.
struct alone final : held_records {
  [[nodiscard]] replica_store& store() noexcept override { return held; }
  [[nodiscard]] const replica_store& store() const noexcept override { return held; }
  [[nodiscard]] const std::vector<kind>& kinds() const noexcept override { return served; }
  [[nodiscard]] bool is_root(const resource_id&) const override { return true; }
  [[nodiscard]] bool stands_in(const resource_id&) const override { return true; }
  [[nodiscard]] std::vector<node_id> other_holders(const resource_id&) const override { return {}; }
  [[nodiscard]] std::optional<extension> state_of(const resource_id&, unsigned) const override { return std::nullopt; }

  replica_store held{known_kinds(), {}};
  std::vector<kind> served{known_kinds().begin(), known_kinds().end()};
};

struct scene {
  [[nodiscard]] static fetch_request everything_of(kind_id kind) {
    return {.resource = {}, .specifiers = {{.kind = kind, .generation = 0, .ranges = {}, .keys = {}}}, .unknown = {}};
  }

  testing::simulated_world world{1};
  testing::simulated_overlay members{world};
  identity::credential self = members.issue("node@example.org");
  alone records;
  local_answers answers{world.env(), self, records};
};

}  // namespace

TEST_CASE("a Fetch and a Stat of what nobody has stored are answered, without values") {
  scene s;
  const auto fetched = s.answers.make(code::fetch_req, scene::everything_of(resource_kind.id));
  REQUIRE(fetched.code == code::fetch_req + 1);
  const auto values = fetch_answer::decode(fetched.body, s.records.kinds());
  REQUIRE(values.has_value());
  CHECK(values->kinds.front().values.empty());
  CHECK(s.answers.make(code::stat_req, scene::everything_of(resource_kind.id)).code == code::stat_req + 1);
}

// As it may be where a quorum was asked meanwhile.
TEST_CASE("a Kind that a document has removed since the request was read is an unknown one") {
  scene s;
  const auto request = scene::everything_of(resource_kind.id);
  std::erase_if(s.records.served, [](const kind& k) { return k.id == resource_kind.id; });
  for (const auto method : {code::fetch_req, code::stat_req}) {
    const auto error = read_error(s.answers.make(method, request));
    REQUIRE(error.has_value());
    CHECK(error->code == error_code::unknown_kind);
    CHECK(unknown_kinds_in(*error) == std::vector{resource_kind.id});
  }
}

}  // namespace local_answers_test
