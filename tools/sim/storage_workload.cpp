// What is asked of the ring while faults happen: records are written, read and removed at random nodes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "phyllo/overlay/errc.hpp"
#include "storage_schedule.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr core::duration long_lifetime = 12h;
constexpr core::duration short_lifetime = 3min;
constexpr std::size_t short_lived = 10;  // one record in so many
constexpr std::uint64_t steps = 8;       // that a writer may go beyond a storage time it has met
constexpr std::size_t at_once = 50;
constexpr std::size_t busy_records = 10;  // on which a part of all operations meet
constexpr double busy_share = 0.3;

overlay::name name_of(std::size_t record, const std::string& domain) {
  return {"user location", "r" + std::to_string(record) + "@" + domain};
}

// A phone's binding, so that whoever has authority writes the same entry; its contact says which operation wrote it.
overlay::record content_of(std::size_t operation) {
  overlay::location phone;
  phone.contact = "sip:o" + std::to_string(operation) + "@192.0.2.1";
  phone.instance = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";
  phone.reg_id = 1;
  overlay::record r;
  r.locations.push_back(std::move(phone));
  return r;
}

std::size_t operation_of(const overlay::stored_value& v) {
  std::size_t operation = ~std::size_t{0};
  if (v.content.locations.empty()) return operation;
  const std::string_view contact = v.content.locations.front().contact;
  constexpr std::string_view prefix = "sip:o";
  if (contact.starts_with(prefix)) std::from_chars(contact.data() + prefix.size(), contact.data() + contact.size(), operation);
  return operation;
}

}  // namespace

unsigned storage_schedule::side_of(const sim::node& n) const {
  const auto& sides = ring_->network().side;
  const auto at = sides.find(n.index);
  return at == sides.end() ? 0 : at->second;
}

core::duration storage_schedule::lifetime_of(std::size_t record) const {
  return record % short_lived == 0 ? short_lifetime : long_lifetime;
}

sim::node& storage_schedule::root_of(std::size_t record) const { return ring_->root(name_of(record, ring_->options().overlay_name).key()); }

void storage_schedule::told(const sim::node& n, std::size_t record) {
  if (awaited_ == awaited::none || told_ || (awaited_ == awaited::root && &root_of(record) != &n)) return;
  told_ = record;
}

bool storage_schedule::measured() const { return both_serve_from_ && ring_->world().now() >= *both_serve_from_; }

void storage_schedule::note(const char* name, unsigned side, bool answered, bool measured) {
  const auto count = [answered](schedule_outcome::tally& t) { ++(answered ? t.answered : t.unanswered); };
  count(outcome_.operations[name]);
  if (measured) count(side == small_side_ ? outcome_.small_side : outcome_.large_side);
}

// How a write ended, before the oracle.
void storage_schedule::judge_write(const sim::node& n, std::size_t operation, std::size_t record,
                                   const core::result<overlay::outcome>& got) {
  const auto now = ring_->world().now();
  const auto clock = core::unix_milliseconds(n.host->env().wall_now());
  auto& last = last_used_[n.index];
  if (got) {
    last = std::max(last, got->storage_time_ms);
    told(n, record);
    return breach(oracle_.answered(operation, got->storage_time_ms, now));
  }
  if (got.error() == overlay::errc::not_found) return breach(oracle_.not_found(operation, clock, now));
  last = std::max({last, oracle_.newest(record), clock}) + steps;
  if (got.error() == overlay::errc::already_exists) return breach(oracle_.already_exists(operation, last, now));
  oracle_.unanswered(operation, last, now);
}

core::awaitable<void> storage_schedule::write(sim::node& n, std::size_t record, kind k) {
  auto& world = ring_->world();
  auto* peer = n.peer.get();
  if (peer == nullptr) co_return;  // killed at this very moment
  ++running_;
  const auto side = side_of(n);
  const bool counts = measured();
  auto& last = last_used_[n.index];
  last = std::max(last, core::unix_milliseconds(n.host->env().wall_now()));  // its clock may be set back meanwhile
  oracle_.may_reach(record, last + steps);
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(lifetime_of(record));
  const auto operation = oracle_.begin(record, k, k == kind::remove ? 24h : lifetime_of(record), side, world.now());
  auto name = name_of(record, ring_->options().overlay_name);
  auto content = content_of(operation);
  const overlay::write_options plain;
  core::result<overlay::outcome> got = core::fail(overlay::errc::timed_out);
  if (k == kind::add) got = co_await peer->add({}, name, content, lifetime, plain);
  if (k == kind::update) got = co_await peer->update({}, name, content, lifetime, plain);
  if (k == kind::remove) got = co_await peer->remove({}, name, plain);
  --running_;
  judge_write(n, operation, record, got);
  const bool answered = got || got.error() == overlay::errc::already_exists || got.error() == overlay::errc::not_found;
  if (peer == n.peer.get()) note(name_of(k), side, answered, counts && measured());
}

core::awaitable<void> storage_schedule::read(sim::node& n, std::size_t record, bool quorum) {
  auto& world = ring_->world();
  auto* peer = n.peer.get();
  if (peer == nullptr) co_return;  // killed at this very moment
  ++running_;
  const bool counts = measured();
  storage_oracle::reading r{
      .record = record, .quorum = quorum, .side = side_of(n), .begun = world.now(), .ended = {}, .clock_ms = 0, .value = {}};
  overlay::read_options o;
  o.quorum = quorum;
  auto name = name_of(record, ring_->options().overlay_name);
  const auto got = co_await peer->get({}, name, o);
  --running_;
  r.ended = world.now();
  r.clock_ms = core::unix_milliseconds(n.host->env().wall_now());
  const bool absent = !got && got.error() == overlay::errc::not_found;
  if (peer == n.peer.get()) note(quorum ? "quorum read" : "default read", r.side, got || absent, counts && measured());
  if (!got && !absent) co_return;
  if (got && got->values.size() != 1) breach(fmt::format("record {} has {} values where one was written", record, got->values.size()));
  if (got) r.value = storage_oracle::found{operation_of(got->values.front()), got->values.front().storage_time_ms};
  if (!quorum) outcome_.reads_ms.push_back(std::chrono::duration<double, std::milli>(r.ended - r.begun).count());
  breach(oracle_.judge(r));
  // Its root may be the only one who knows, and has made it known: a majority holds it by now.
  if (quorum && r.value && !oracle_.settled(r.value->operation)) told(n, record);
}

void storage_schedule::fill() {
  auto& world = ring_->world();
  for (std::size_t i = 0; i < options_.records; ++i) {
    world.spawn(write(draw_active(), i, kind::update));
    world.run_until([&] { return running_ < at_once; }, 1min);
  }
  world.run_until([&] { return running_ == 0; }, 1min);
}

// One operation, and the next after a while.
void storage_schedule::work() {
  if (!working_) return;
  auto& world = ring_->world();
  const auto record = draw(0, (chance() < busy_share ? std::min(busy_records, options_.records) : options_.records) - 1);
  auto& n = draw_active();
  const auto which = chance();
  if (which < 0.4) {
    world.spawn(read(n, record, false));
  } else if (which < 0.6) {
    world.spawn(read(n, record, true));
  } else {
    world.spawn(write(n, record, which < 0.82 ? kind::update : which < 0.91 ? kind::add : kind::remove));
  }
  world.at(world.now() + draw(0s, std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(2 / options_.operations))),
           [this] { work(); });
}

// Every record, from a random node each.
void storage_schedule::sweep() {
  auto& world = ring_->world();
  for (std::size_t i = 0; i < options_.records; ++i) {
    world.spawn(read(draw_active(), i, false));
    world.spawn(read(draw_active(), i, true));
    world.run_until([&] { return running_ < at_once; }, 1min);
  }
  world.run_until([&] { return running_ == 0; }, 1min);
}

}  // namespace phyllo::simulate
