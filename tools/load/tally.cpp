#include "tally.hpp"

#include <algorithm>

namespace phyllo::load {

void tally::fail(std::string_view reason, std::uint64_t count) {
  failed += count;
  auto at = std::ranges::find(failures, reason, &failure_count::reason);
  if (at == failures.end() && failures.size() >= reasons_max) at = std::ranges::find(failures, "other", &failure_count::reason);
  if (at != failures.end()) {
    at->count += count;
  } else {
    failures.push_back({std::string(failures.size() < reasons_max ? reason : "other"), count});
  }
}

void tally::merge(const tally& other) {
  started += other.started;
  succeeded += other.succeeded;
  retransmissions += other.retransmissions;
  unexpected += other.unexpected;
  for (const auto& f : other.failures) fail(f.reason, f.count);
  whole.merge(other.whole);
  behind.merge(other.behind);
  for (const auto& p : other.parts) {
    auto at = std::ranges::find(parts, p.name, &named_latency::name);
    if (at == parts.end()) at = parts.insert(parts.end(), {p.name, {}});
    at->values.merge(p.values);
  }
}

void tally::clear() {
  started = succeeded = failed = retransmissions = unexpected = 0;
  failures.clear();
  whole.clear();
  behind.clear();
  for (auto& p : parts) p.values.clear();
}

double tally::failed_share() const noexcept {
  const auto ended = succeeded + failed;
  return ended == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(ended);
}

}  // namespace phyllo::load
