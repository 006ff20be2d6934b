#include "storage_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr core::duration default_read_after = 5s;   // "a default read does so at the latest 5 s after"
constexpr core::duration merged_after = 60s;        // "within 60 s of healing the newest value stands everywhere"
constexpr core::duration lifetime_slack = 15s;      // whole seconds are passed on; and copies arrive for as long as a store is repeated
constexpr std::uint64_t reader_grace_ms = 600'000;  // readers ignore what by its signed words ended 10 min ago

std::uint64_t milliseconds(core::duration d) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

const char* name_of(storage_oracle::kind k) {
  switch (k) {
    case storage_oracle::kind::add: return "add";
    case storage_oracle::kind::update: return "update";
    case storage_oracle::kind::remove: return "remove";
  }
  return "";
}

std::string seconds_text(core::time_point t) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(t.time_since_epoch() - 1h).count());
}

std::size_t storage_oracle::begin(std::size_t record, kind what, core::duration lifetime, unsigned side, core::time_point now) {
  const auto number = operations_.size();
  operations_.push_back({record, what, operation::state::open, side, lifetime, now, now, ~std::uint64_t{0}});
  records_[record].operations.push_back(number);
  return number;
}

std::string storage_oracle::answered(std::size_t number, std::uint64_t storage_time, core::time_point now) {
  auto& o = operations_[number];
  std::string broken;
  if (o.what == kind::add) broken = not_absent(number, now, 0, "answered");  // it was absent at some moment since
  o.how = operation::state::answered;
  o.ended = now;
  o.storage_time = storage_time;
  may_reach(o.record, storage_time);
  records_[o.record].facts.push_back({number, storage_time, o.side, o.begun, now});
  return broken;
}

void storage_oracle::unanswered(std::size_t number, std::uint64_t ceiling, core::time_point now) {
  auto& o = operations_[number];
  o.how = operation::state::unanswered;
  o.ended = now;
  o.storage_time = ceiling;
  may_reach(o.record, ceiling);
}

std::string storage_oracle::not_found(std::size_t number, std::uint64_t clock_ms, core::time_point now) {
  operations_[number].how = operation::state::without_effect;
  return not_absent(number, now, clock_ms, "told that nothing is there");
}

std::string storage_oracle::not_absent(std::size_t number, core::time_point ended, std::uint64_t clock_ms, const char* how) const {
  const auto& o = operations_[number];
  const reading absent{
      .record = o.record, .quorum = true, .side = o.side, .begun = o.begun, .ended = ended, .clock_ms = clock_ms, .value = {}};
  const auto* f = floor(absent);
  if (f == nullptr || operations_[f->operation].what == kind::remove || may_be_absent(f->storage_time, absent)) return {};
  return fmt::format("{} was {} though {} stood there", text(number), how, text(f->operation));
}

std::string storage_oracle::already_exists(std::size_t number, std::uint64_t ceiling, core::time_point now) {
  unanswered(number, ceiling, now);  // an attempt before the last may have had its effect
  const auto& o = operations_[number];
  const reading seen{.record = o.record, .quorum = true, .side = o.side, .begun = o.begun, .ended = now, .clock_ms = 0, .value = {}};
  const auto* f = floor(seen);
  if (f == nullptr || operations_[f->operation].what != kind::remove) return {};
  // What came after the removal may be there, or at the same time, when the hash decides; and where something did, an earlier attempt of
  // this add may have given way to it, and stand.
  const bool something = std::ranges::any_of(records_[o.record].operations, [&](std::size_t other) {
    const auto& b = operations_[other];
    return other != number && other != f->operation && b.how != operation::state::without_effect && b.storage_time >= f->storage_time;
  });
  if (something) return {};
  return fmt::format("{} was told that something is there though {} stood since {}", text(number), text(f->operation),
                     seconds_text(f->known));
}

storage_oracle::period storage_oracle::period_of(core::time_point t) const {
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    const auto& p = partitions_[i];
    if (t < p.opened) return {i, period::kind::whole};
    if (t < p.healed) return {i, period::kind::apart};
    if (t < p.healed + merged_after) return {i, period::kind::merging};
  }
  return {partitions_.size(), period::kind::whole};
}

bool storage_oracle::partitioned(core::time_point t) const { return period_of(t).what != period::kind::whole; }

bool storage_oracle::binds(const fact& f, const reading& r) const {
  if (f.known + (r.quorum ? core::duration{} : default_read_after) > r.begun) return false;
  const auto began = period_of(r.begun);
  if (began != period_of(r.ended)) return false;
  if (began.what == period::kind::whole) return true;
  // "In a partition ... each side keeps this promise for itself".
  return began.what == period::kind::apart && f.side == r.side && period_of(f.begun) == began;
}

const storage_oracle::fact* storage_oracle::floor(const reading& r) const {
  const fact* best = nullptr;
  for (const auto& f : records_[r.record].facts) {
    if (best != nullptr && best->storage_time >= f.storage_time) continue;
    if (surely_alive(operations_[f.operation], f.storage_time, r) && binds(f, r)) best = &f;
  }
  return best;
}

bool storage_oracle::surely_alive(const operation& o, std::uint64_t storage_time, const reading& r) const {
  if (o.begun + o.lifetime - lifetime_slack < r.ended) return false;
  return o.what == kind::remove || r.clock_ms < storage_time + milliseconds(o.lifetime) + reader_grace_ms;
}

// Whether something that ends in "not found" may have come after `floor`.
bool storage_oracle::may_be_absent(std::uint64_t floor, const reading& r) const {
  return std::ranges::any_of(records_[r.record].operations, [&](std::size_t number) {
    const auto& o = operations_[number];
    if (o.how == operation::state::without_effect || o.begun > r.ended || o.storage_time < floor) return false;
    return o.what == kind::remove || !surely_alive(o, o.how == operation::state::answered ? o.storage_time : floor, r);
  });
}

std::string storage_oracle::judge_value(const reading& r) const {
  if (r.value->operation >= operations_.size()) return "a value that nobody wrote";
  const auto& o = operations_[r.value->operation];
  if (o.record != r.record || o.what == kind::remove || o.begun > r.ended) return "a value that nobody wrote there";
  if (o.how == operation::state::without_effect) return "the value of an operation that was refused";
  if (o.how != operation::state::open && r.begun > o.ended + o.lifetime + lifetime_slack) return "a value that has expired";
  return {};
}

std::string storage_oracle::judge(const reading& r) {
  const auto kind_of_read = r.quorum ? "quorum read" : "default read";
  const auto about = fmt::format("record {}: a {} from {} to {}", r.record, kind_of_read, seconds_text(r.begun), seconds_text(r.ended));
  if (r.value) {
    if (const auto wrong = judge_value(r); !wrong.empty())
      return fmt::format("{} returned {}, {}", about, r.value->operation < operations_.size() ? text(r.value->operation) : "noise", wrong);
    may_reach(r.record, r.value->storage_time);
  }
  if (const auto* f = floor(r)) {
    const bool removed = operations_[f->operation].what == kind::remove;
    const auto stood = fmt::format("though {} stood there since {}", text(f->operation), seconds_text(f->known));
    if (r.value && r.value->storage_time < f->storage_time)
      return fmt::format("{} returned {}, {} {}", about, removed ? "what was removed" : "an older value", text(r.value->operation), stood);
    if (!r.value && !removed && !may_be_absent(f->storage_time, r)) return fmt::format("{} found nothing, {}", about, stood);
  }
  // What a majority was seen to hold.
  if (r.value && r.quorum) records_[r.record].facts.push_back({r.value->operation, r.value->storage_time, r.side, r.begun, r.ended});
  return {};
}

std::string storage_oracle::text(std::size_t number) const {
  const auto& o = operations_[number];
  const char* how = o.how == operation::state::answered ? "answered" : o.how == operation::state::open ? "open" : "unanswered";
  return fmt::format("operation {} ({} begun at {}, {}, storage time {})", number, name_of(o.what), seconds_text(o.begun), how,
                     o.how == operation::state::answered ? o.storage_time : 0);
}

}  // namespace phyllo::simulate
