#include "revocation_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "progress.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

constexpr core::duration looked_every = 500ms;
constexpr core::duration may_take = 60s;
constexpr core::duration operation_limit = 15s;
constexpr unsigned sequences = 3;  // documents that differ, among the nodes

double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

sim::ring_options options_of(std::uint64_t seed, sim::crypto crypto) {
  sim::ring_options o;
  o.seed = seed;
  o.crypto = crypto;
  o.own_trust = true;
  o.domains = {o.overlay_name};
  return o;
}

std::uint64_t number_at(core::byte_view data, std::size_t at, std::size_t octets) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < octets; ++i) v = v << 8 | data[at + i];
  return v;
}

}  // namespace

revocation_run::revocation_run(const revocation_conditions& c, std::uint64_t seed, sim::crypto crypto)
    : c_(c), ring_([&] {
        auto o = options_of(seed, crypto);
        // Documents that the same operator has published one after the other: their text can not be told apart here, their sequence can.
        o.document = [this](unsigned index) {
          auto d = ring_.issuer().configuration();
          d.content.sequence = static_cast<std::uint16_t>(d.content.sequence + index % sequences);
          return d;
        };
        return o;
      }()) {
  ring_.network().topology = sim::make_plane(seed);
  ring_.network().loss = c.loss;
  ring_.network().tap = [this](unsigned, unsigned, core::bytes& m) { sent(m); };
}

// By an own reading of RELOAD's header and of the plug-in's bodies.
void revocation_run::sent(core::byte_view m) {
  constexpr std::size_t fixed = 38;
  if (m.size() < fixed) return;
  const auto payload = fixed + number_at(m, 32, 2) + number_at(m, 34, 2) + number_at(m, 36, 2);
  if (m.size() < payload + 30) return;
  ++out_.all.messages;
  out_.all.bytes += m.size();
  const auto code = number_at(m, payload, 2);
  const auto body = payload + 6;
  const auto transaction = number_at(m, 20, 8);
  if (code == 0xffff) {
    const auto error = number_at(m, body, 2);
    if (error == 0x0f || error == 0x10) ++out_.refused;
  }
  bool of_list = false;
  if (code == 0x13 && m[body] == 5) of_list = announced_.insert(transaction).second || announced_.contains(transaction);
  if (code == 0x14) of_list = announced_.erase(transaction) != 0;
  if (code == 0x15 && number_at(m, body + 21, 1) == 4) of_list = true;
  if (code == 0x16 && number_at(m, body + 16, 1) == 4) of_list = true;
  if (!of_list) return;
  ++list_.messages;
  list_.bytes += m.size();
}

core::duration revocation_run::exponential(double mean) {
  const auto drawn = std::exponential_distribution<double>(1 / mean)(ring_.world().random());
  return std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(drawn));
}

identity::node_id revocation_run::random_key() { return ring_.random_id(); }

void revocation_run::next_arrival() {
  ring_.world().at(now() + exponential(seconds(c_.session) / static_cast<double>(c_.nodes)), [this] {
    if (!running_) return;
    arrive();
    next_arrival();
  });
}

void revocation_run::arrive() {
  auto& n = ring_.add();
  ring_.start(n, [this](sim::node& joined, const core::status& s) {
    if (!s || !joined.peer) return;
    ++out_.joins;
    joined_[joined.index] = {now(), signer_->trust->revocations().number()};
    expect_departure(joined);
  });
}

void revocation_run::expect_departure(sim::node& n) {
  ring_.world().at(now() + exponential(seconds(c_.session)), [this, &n] {
    if (!running_ || !n.peer || !n.active || &n == signer_) return;
    ++out_.departures;
    if (ring_.world().chance() < 0.5) return ring_.leave(n);
    ring_.kill(n);
  });
}

void revocation_run::next_operation() {
  ring_.world().at(now() + exponential(1 / c_.operations), [this] {
    if (!running_) return;
    ring_.world().spawn(operate(ring_.random_active()));
    next_operation();
  });
}

core::awaitable<void> revocation_run::operate(sim::node& n) {
  auto* peer = n.peer.get();
  const auto what = ring_.world().random()() % 3;
  const overlay::name name{"user location", fmt::format("r{}@{}", ring_.world().random()() % 200, ring_.options().overlay_name)};
  const std::string only;
  bool good = false;
  if (what == 0) {
    const auto answered = co_await peer->ping_root(random_key(), operation_limit);
    good = answered.has_value();
  } else if (what == 1) {
    overlay::record r;
    overlay::location phone;
    phone.contact = "sip:phone@192.0.2.1";
    phone.instance = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";
    phone.reg_id = 1;
    r.locations.push_back(std::move(phone));
    overlay::write_options o;
    o.timeout = operation_limit;
    const auto stored = co_await peer->update(only, name, std::move(r), std::chrono::hours(1), o);
    good = stored.has_value();
  } else {
    overlay::read_options o;
    o.timeout = operation_limit;
    const auto found = co_await peer->get(only, name, o);
    good = found || found.error() == overlay::errc::not_found;
  }
  if (n.peer.get() != peer || !n.active) co_return;  // it has gone meanwhile
  ++out_.operations;
  if (!good) ++out_.failed;
}

// The signer's next list: so many entries more, and the first so many less. A third of what is revoked are users with a time.
std::uint64_t revocation_run::publish(std::size_t add, std::size_t remove) {
  const auto seconds_now = static_cast<std::uint32_t>(core::unix_milliseconds(ring_.world().wall_now()) / 1000);
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(std::min(remove, entries_.size())));
  for (std::size_t i = 0; i < add; ++i) entries_.push_back({random_key(), i % 3 == 0 ? seconds_now : identity::revoked_for_good});
  auto& list = signer_->trust->revocations();
  auto next = list.succeed(entries_, seconds_now, ring_.options().overlay_name, ring_.issuer().signer());
  if (!next || !signer_->peer->take_revocations(std::move(*next))) throw std::runtime_error("the signer's list is refused by its own node");
  expected e;
  e.number = list.number();
  e.since = now();
  for (const auto& [id, n] : ring_.active_nodes()) e.missing[n->index] = now();
  expected_.push_back(std::move(e));
  return list.number();
}

void revocation_run::settle(expected& e, std::vector<double>* each) {
  for (auto i = e.missing.begin(); i != e.missing.end();) {
    const auto& n = ring_.at(i->first);
    const bool gone = !n.active || !n.peer;
    const bool has = !gone && n.trust->revocations().number() >= e.number;
    const bool late = !gone && !has && now() - i->second > may_take;
    if (late) ++out_.missed;
    if (has) {
      e.last = seconds(now() - i->second);
      if (each != nullptr) each->push_back(e.last);
    }
    i = gone || has || late ? e.missing.erase(i) : std::next(i);
  }
}

// Twice a second: who has by now what he should have.
void revocation_run::look() {
  for (std::size_t i = 0; i < expected_.size(); ++i) settle(expected_[i], i == 1 ? &out_.whole_s : nullptr);
  for (auto i = joined_.begin(); i != joined_.end();) {
    const auto& n = ring_.at(i->first);
    const bool gone = !n.active || !n.peer;
    const bool has = !gone && n.trust->revocations().number() >= i->second.second;
    const bool late = !gone && !has && now() - i->second.first > may_take;
    if (late) ++out_.missed;
    if (has) out_.joined_s.push_back(seconds(now() - i->second.first));
    i = gone || has || late ? joined_.erase(i) : std::next(i);
  }
}

revocation_outcome revocation_run::run() {
  const auto wall = std::chrono::steady_clock::now();
  progress bar("revocation");
  const auto wanted = static_cast<double>(c_.nodes);
  if (!ring_.grow(c_.nodes, 48h, [&](std::size_t n) { bar.at(static_cast<double>(n), 2 * wanted); }))
    throw std::runtime_error("the ring has not formed in 48 simulated hours");
  signer_ = &ring_.random_active();
  running_ = true;
  for (const auto& [id, n] : ring_.active_nodes()) expect_departure(*n);
  next_arrival();
  next_operation();
  publish(0, 0);  // as a login server does at its first start
  const auto run_for = [&](core::duration span) {
    const auto end = now() + span;
    while (now() < end) {  // ends with the span
      ring_.world().run_for(looked_every);
      look();
    }
  };
  run_for(90s);
  out_ = {};
  list_ = {};
  const auto began = now();
  publish(c_.revoked, 0);
  run_for(90s);
  out_.at_once = list_;
  out_.seconds_at_once = seconds(now() - began);
  list_ = {};
  const auto changes_began = now();
  for (std::size_t i = 0; i < c_.changes; ++i) {
    publish(1 + ring_.world().random()() % 20, ring_.world().random()() % 5);
    run_for(c_.every);
    bar.at(static_cast<double>(c_.changes + i), 2 * static_cast<double>(c_.changes));
  }
  run_for(70s);
  out_.by_changes = list_;
  out_.seconds_of_changes = seconds(now() - changes_began);
  for (std::size_t i = 2; i < expected_.size(); ++i) out_.changed_s.push_back(expected_[i].last);
  out_.nodes = static_cast<double>(ring_.active());
  // What is in force is what is asked: every node refuses a few of them all.
  for (const auto& [id, n] : ring_.active_nodes()) {
    if (joined_.contains(n->index)) continue;
    for (int i = 0; i < 10; ++i) {
      const auto& e = entries_[ring_.world().random()() % entries_.size()];
      if (n->trust->revocations().find(e.key) != e.before) ++out_.revoked_seen;
    }
  }
  running_ = false;
  out_.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
  ring_.world().run_for(operation_limit);  // what is under way comes to its end
  ring_.stop();
  return out_;
}

}  // namespace phyllo::simulate
