#include "peer/diagnostic_access.hpp"

#include <algorithm>
#include <string>

#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

// "MUST have a value between 1 and 600 seconds in the future", and clocks differ.
constexpr std::uint64_t ahead_max_ms = 600'000 + 60'000;

}  // namespace

std::optional<message_contents> judge_diagnosis(const diagnostics_request& d, const node_id& asker, const diagnostic_rights& rights,
                                                core::wall_time now) {
  const auto now_ms = core::unix_milliseconds(now);
  if (d.expiration_ms <= now_ms)
    return make_error(error_code::message_expired, "expired " + std::to_string(now_ms - d.expiration_ms) + " ms ago");
  if (d.expiration_ms - now_ms > ahead_max_ms) return make_error(error_code::invalid_message, "an expiration of more than 600 s ahead");
  for (const auto& a : rights) {
    const bool by_flag = a.kind < 64 && (d.flags & diagnostic_flag(a.kind)) != 0;
    const bool asked = by_flag || std::ranges::find(d.extensions, a.kind, &diagnostic::kind) != d.extensions.end();
    if (asked && std::ranges::find(a.nodes, asker) == a.nodes.end())
      return make_error(error_code::forbidden, "diagnostic Kind " + std::to_string(a.kind));
  }
  return std::nullopt;
}

std::uint64_t permitted_diagnostics(const node_id& asker, const diagnostic_rights& rights) {
  auto flags = all_diagnostics;
  for (const auto& a : rights) {
    if (a.kind < 64 && std::ranges::find(a.nodes, asker) == a.nodes.end()) flags &= ~diagnostic_flag(a.kind);
  }
  return flags;
}

}  // namespace phyllo::overlay
