// The storm that took Skype down in 2010: a part of the supernodes dies at once, and those whom they served come to the rest.
#include <algorithm>
#include <cmath>
#include <set>

#include "experiment.hpp"
#include "phyllo/overlay/errc.hpp"
#include "phyllo/sim/ring.hpp"
#include "progress.hpp"
#include "storm_watch.hpp"

namespace phyllo::simulate {
namespace {

using namespace std::chrono_literals;

struct storm_parameters {
  std::size_t supernodes = 1000;
  std::size_t clients = 10;  // a supernode
  double dead = 0.3;
  double capacity = 2000;    // messages a second that a node handles
  double lookups = 0.1;      // a second and supernode
  unsigned refresh_s = 240;  // a record is registered again within so much
  bool resets = false;
};

constexpr core::duration queue = 1s;
constexpr std::chrono::seconds lifetime{3600};
constexpr core::duration silent_max = 5s;  // a node that does not answer for so long is silent
constexpr core::duration storm_lasts = 60s;
constexpr core::duration all_back = 300s;

class storm {
 public:
  storm(const storm_parameters& p, const settings& s) : p_(p), ring_(options_of(s)), watch_(ring_) {
    ring_.network().topology = sim::make_flat(20ms);
    ring_.network().resets = p.resets;
  }

  void run(report& r) {
    grow();
    attach();
    ring_.world().run_for(60s);
    before(r);
    strike(r);
    after(r);
    ring_.stop();                                              // what its nodes wait for would outlive them
    world().run_for(std::chrono::seconds(p_.refresh_s) + 1s);  // and so would those who wait to register again
  }

 private:
  struct client {
    sim::node* node;
    overlay::name name;
    std::string value;
    bool struck = false;      // one of its supernodes died
    bool cut_off = false;     // all of them did
    bool survivor = true;     // of its record's replicas one lives
    core::time_point back{};  // attached again
  };

  static sim::ring_options options_of(const settings& s) {
    sim::ring_options o;
    o.seed = s.seed;
    o.crypto = s.crypto;
    o.peer.leaf_set = 32;
    return o;
  }

  [[nodiscard]] sim::world& world() { return ring_.world(); }
  [[nodiscard]] core::time_point now() { return ring_.world().now(); }

  void grow() {
    progress bar("joining");
    ring_.grow(p_.supernodes, 24h, [&](std::size_t n) { bar.at(static_cast<double>(n), static_cast<double>(p_.supernodes)); });
    world().run_for(60s);
    for (std::size_t i = 0; i < ring_.size(); ++i) limit(ring_.at(i));
  }
  void limit(sim::node& n) const {
    n.host->capacity = p_.capacity;
    n.host->queue = queue;
  }

  void attach() {
    progress bar("attaching");
    const auto count = p_.supernodes * p_.clients;
    clients_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      auto& n = ring_.add("client" + std::to_string(i) + "@example.org");
      clients_.push_back({&n, overlay::name{"reg", "client" + std::to_string(i) + "@example.org"}, "v" + std::to_string(i)});
    }
    for (auto& c : clients_) {
      ring_.attach(*c.node, [this, &c](sim::node&, const core::status& s) {
        if (s) world().spawn(keep_registered(c));
      });
      world().run_for(core::duration(1s) / 200);
      bar.at(static_cast<double>(&c - clients_.data()), static_cast<double>(count));
    }
    world().run_until([this] { return registered_ >= clients_.size(); }, 120s);
  }

  core::awaitable<void> keep_registered(client& c) {
    bool first = true;
    while (c.node->peer) {  // ends when the ring is stopped
      overlay::record record;
      record.name = c.name;
      record.value = c.value;
      overlay::write_options o;
      o.timeout = 20s;
      const std::string only;
      const auto stored = co_await c.node->peer->update(only, c.name, std::move(record), lifetime, o);
      if (stored && first) ++registered_;
      if (!stored) ++failed_stores_;
      first = first && !stored;
      core::duration pause =
          core::random_between(world().env(), std::chrono::seconds(p_.refresh_s) / 2, std::chrono::seconds(p_.refresh_s) - 20s);
      if (!stored) pause = core::random_between(world().env(), 1s, 5s);
      co_await core::sleep_for(world().env(), pause);
    }
  }

  struct looked {
    std::uint64_t asked = 0, right = 0, wrong = 0, failed = 0;
    [[nodiscard]] double share() const { return asked == 0 ? 1 : static_cast<double>(right) / static_cast<double>(asked); }
  };

  core::awaitable<void> look_up(sim::node& from, client& whose, core::duration timeout, looked& to) {
    ++to.asked;
    overlay::read_options o;
    o.timeout = timeout;
    const std::string only;
    const auto got = co_await from.peer->get(only, whose.name, o);
    if (!got) {
      ++to.failed;
    } else {
      ++(got->values.front().content.value == whose.value ? to.right : to.wrong);
    }
  }

  [[nodiscard]] client& any() { return clients_[world().random()() % clients_.size()]; }

  // Look-ups at the usual rate for `span`, of records that are there to be found.
  void look_ups_for(core::duration span, core::duration timeout, looked& to) {
    const auto end = now() + span;
    while (now() < end) {  // ends in time
      auto& whose = any();
      if (whose.survivor) world().spawn(look_up(*any().node, whose, timeout, to));
      world().run_for(
          std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(1 / (p_.lookups * static_cast<double>(p_.supernodes)))));
    }
  }

  void before(report& r) {
    looked quiet;
    watch_.begin();
    look_ups_for(20s, 5s, quiet);
    world().run_for(5s);
    r.section("before");
    r.figure("supernodes", static_cast<double>(ring_.active()));
    r.figure("ordinary nodes", static_cast<double>(clients_.size()));
    r.at_least("registered", static_cast<double>(registered_), static_cast<double>(clients_.size()));
    r.at_least("look-ups that are right", 100 * quiet.share(), 99.9, "%");
    r.figure("messages a second and supernode, mean", watch_.mean_rate());
    r.figure("messages a second and supernode, busiest second", watch_.peak_rate());
  }

  void strike(report& r) {
    std::vector<sim::node*> all;
    for (const auto& [id, n] : ring_.active_nodes()) all.push_back(n);
    std::shuffle(all.begin(), all.end(), world().random());
    all.resize(static_cast<std::size_t>(std::llround(p_.dead * static_cast<double>(all.size()))));
    const std::set<sim::node*> doomed(all.begin(), all.end());
    const auto dies = [&](const sim::node* n) { return doomed.contains(const_cast<sim::node*>(n)); };
    std::size_t struck = 0, cut_off = 0, lost = 0;
    for (auto& c : clients_) {
      const auto attached = c.node->peer->status().attachments;
      const auto gone = std::ranges::count_if(attached, [&](const auto& id) { return dies(ring_.find(id)); });
      c.struck = gone > 0;
      c.cut_off = gone == std::ssize(attached);
      c.survivor = !std::ranges::all_of(ring_.nearest(c.name.key(), ring_.options().peer.replicas), dies);
      struck += c.struck ? 1 : 0;
      cut_off += c.cut_off ? 1 : 0;
      lost += c.survivor ? 0 : 1;
    }
    watch_.begin();
    struck_at_ = now();
    for (auto* n : all) ring_.kill(*n);
    r.section("the storm");
    r.figure("supernodes that die", static_cast<double>(all.size()));
    r.figure("ordinary nodes that lose one or more of theirs", static_cast<double>(struck));
    r.figure("ordinary nodes that lose all of theirs", static_cast<double>(cut_off));
    r.figure("records without a surviving replica", static_cast<double>(lost));
  }

  // Looks at every ordinary node each half second: whether it hangs on a living supernode.
  void note_return() {
    for (auto& c : clients_) {
      if (!c.cut_off || c.back != core::time_point{}) continue;
      const auto attached = c.node->peer->status().attachments;
      if (std::ranges::any_of(attached, [this](const auto& id) { return ring_.find(id) != nullptr; })) c.back = now();
    }
  }

  void after(report& r) {
    looked at_once, later;
    progress bar("storm");
    for (core::duration t{}; t < storm_lasts; t += 500ms) {
      look_ups_for(500ms, 60s, at_once);
      note_return();
      bar.at(std::chrono::duration<double>(t).count(), 360);
    }
    for (core::duration t = storm_lasts; t < all_back; t += 500ms) {
      look_ups_for(500ms, 5s, later);
      note_return();
      bar.at(std::chrono::duration<double>(t).count(), 360);
    }
    watch_.end();
    tell_return(r);
    r.figure("messages a second and supernode, mean", watch_.mean_rate());
    r.figure("messages a second and supernode, busiest second", watch_.peak_rate());
    r.figure("supernodes whose queue was full at some time", static_cast<double>(watch_.overrun()));
    r.at_most("longest silence of a living supernode that has work", watch_.longest_silence(),
              std::chrono::duration<double>(silent_max).count(), "s");
    r.at_most("living supernodes that did not answer another in 5 s", static_cast<double>(watch_.unanswered()), 0);
    r.figure("of so many times that they were asked", static_cast<double>(watch_.asked()));
    r.at_least("look-ups begun within 60 s, right within 60 s", 100 * at_once.share(), 99.9, "%");
    r.at_least("look-ups begun afterwards, right within 5 s", 100 * later.share(), 99.9, "%");
    r.figure("stores that failed and were repeated", static_cast<double>(failed_stores_));
    tell_records(r);
    r.add(watch_.load());
  }

  void tell_return(report& r) {
    std::vector<double> times;
    for (const auto& c : clients_) {
      if (!c.cut_off) continue;
      times.push_back(c.back == core::time_point{} ? 1e9 : std::chrono::duration<double>(c.back - struck_at_).count());
    }
    std::ranges::sort(times);
    if (times.empty()) return;
    r.figure("cut off until attached again, median", times[times.size() / 2], "s");
    r.at_most("cut off until attached again, slowest", times.back(), 30, "s");
  }

  // All of them, one after the other; the last second's stores are not waited for.
  void tell_records(report& r) {
    looked all;
    std::vector<double> missing;
    for (auto& c : clients_) {
      world().spawn(look_up(*any().node, c, 5s, all));
      world().run_for(2ms);
    }
    world().run_for(6s);
    r.at_least("records found after five minutes", static_cast<double>(all.right), static_cast<double>(clients_.size()));
    r.invariant("every leaf set is whole", ring_.incomplete(1).empty() ? "" : "one is not");
  }

  storm_parameters p_;
  sim::ring ring_;
  storm_watch watch_;
  std::vector<client> clients_;
  std::size_t registered_ = 0;
  std::uint64_t failed_stores_ = 0;
  core::time_point struck_at_{};
};

}  // namespace

void add_storm(CLI::App& app, const settings& s, experiment& chosen) {
  static storm_parameters p;
  auto& c = *app.add_subcommand("storm", "30 % of the supernodes die at once, with 10 ordinary nodes each (Skype, December 2010)");
  c.add_option("--supernodes", p.supernodes, "Supernodes that join")->capture_default_str();
  c.add_option("--clients", p.clients, "Ordinary nodes for each")->capture_default_str();
  c.add_option("--dead", p.dead, "Part of the supernodes that dies")->capture_default_str()->check(CLI::Range(0.0, 0.9));
  c.add_option("--capacity", p.capacity, "Messages a second that a supernode handles, with a queue of 1 s")->capture_default_str();
  c.add_option("--lookups", p.lookups, "Look-ups a second, for each supernode")->capture_default_str();
  c.add_option("--refresh", p.refresh_s, "Seconds within which a record is registered again")->capture_default_str();
  c.add_flag("--resets", p.resets, "The dead's links break at once; else they fall silent");
  c.callback([&s, &chosen] {
    chosen = [&s](report& r) {
      storm run(p, s);
      run.run(r);
    };
  });
}

}  // namespace phyllo::simulate
