#include "peer/diagnostic_access.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "reload/message.hpp"

namespace diagnostic_access_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;
using overlay::diagnostic_flag;
namespace diagnostic_kind = overlay::diagnostic_kind;
namespace error_code = overlay::error_code;

namespace {

const core::wall_time now{std::chrono::hours(24 * 365 * 50)};

// Of `asker`, which expires so many milliseconds from now; the code of its refusal, or 0.
std::uint16_t refusal(std::int64_t expires_in_ms, std::uint64_t flags, const identity::node_id& asker,
                      const overlay::diagnostic_rights& rights = {}, std::vector<overlay::diagnostic> extensions = {}) {
  overlay::diagnostics_request d;
  d.expiration_ms = core::unix_milliseconds(now) + static_cast<std::uint64_t>(expires_in_ms);
  d.flags = flags;
  d.extensions = std::move(extensions);
  const auto refused = overlay::judge_diagnosis(d, asker, rights, now);
  return refused ? overlay::read_error(*refused).value().code : std::uint16_t{0};
}

}  // namespace

TEST_CASE("a request for diagnosis expires, and not later than in ten minutes, give or take a clock") {
  CHECK(refusal(-1, 0, id(1)) == error_code::message_expired);
  CHECK(refusal(0, 0, id(1)) == error_code::message_expired);
  CHECK(refusal(1, 0, id(1)) == 0);
  CHECK(refusal(660'000, 0, id(1)) == 0);
  CHECK(refusal(660'001, 0, id(1)) == error_code::invalid_message);
}

TEST_CASE("what the document gives to some nodes is refused to others, whichever way they ask for it") {
  const overlay::diagnostic_rights rights{{diagnostic_kind::app_uptime, {id(1)}}, {100, {id(2)}}};
  const auto uptime = diagnostic_flag(diagnostic_kind::app_uptime);
  CHECK(refusal(1000, uptime, id(1), rights) == 0);
  CHECK(refusal(1000, uptime, id(2), rights) == error_code::forbidden);
  CHECK(refusal(1000, diagnostic_flag(diagnostic_kind::status_info), id(2), rights) == 0);
  CHECK(refusal(1000, 0, id(2), rights, {{diagnostic_kind::app_uptime, {}}}) == error_code::forbidden);
  CHECK(refusal(1000, 0, id(2), rights, {{100, {}}}) == 0);
  CHECK(refusal(1000, 0, id(1), rights, {{100, {}}}) == error_code::forbidden);
}

TEST_CASE("a node asks for all that it may ask for, and its request is not refused") {
  const overlay::diagnostic_rights rights{{diagnostic_kind::app_uptime, {id(1)}}, {100, {id(2)}}};
  CHECK(overlay::permitted_diagnostics(id(1), rights) == overlay::all_diagnostics);
  CHECK(overlay::permitted_diagnostics(id(2), rights) == (overlay::all_diagnostics & ~diagnostic_flag(diagnostic_kind::app_uptime)));
  CHECK(refusal(1000, overlay::permitted_diagnostics(id(2), rights), id(2), rights) == 0);
}

}  // namespace diagnostic_access_test
