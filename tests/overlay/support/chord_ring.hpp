// Machines of Chord nodes in one process, and what carries their messages: links with a latency each that keep order and lose nothing,
// until an end dies; then the other end learns it by a closed link, some seconds later. Everything comes of one seed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "chord/chord.hpp"

namespace phyllo::testing {

using namespace std::chrono_literals;

class chord_ring {
 public:
  using node_id = overlay::node_id;

  static constexpr core::duration death_noticed = 3s;
  static constexpr core::duration request_timeout = 2s;
  static constexpr unsigned hops_max = 64;

  struct node {
    explicit node(const node_id& id, const overlay::chord_options& o, core::time_point now) : machine(id, o, now) {}
    overlay::chord machine;
    std::set<node_id> links;
    std::set<node_id> keys;  // what it stores
    unsigned activations = 0;
    unsigned side = 0;  // bootstrap nodes are found on the same side
    core::time_point tick_planned = core::time_point::max();
  };
  struct journey {
    std::optional<node_id> end;  // nothing: it was dropped, or went round
    unsigned hops = 0;
  };

  explicit chord_ring(std::uint64_t seed) : random_(seed) { options.update_interval_s = 10, options.ping_interval_s = 1; }

  node_id add(unsigned side = 0);  // joins, or begins the ring of its side
  void kill(const node_id& n);     // says nothing
  void leave(const node_id& n);    // says so
  node_id random_id();
  std::vector<node_id> some(std::size_t count);  // at random, of those that live
  void run_for(core::duration span);
  // Until the lists of all are right; how long it took, or nothing.
  std::optional<core::duration> settle(core::duration limit);

  void store(const node_id& key);  // at who is responsible, and its replicas
  [[nodiscard]] bool stored_right(const node_id& key) const;
  [[nodiscard]] bool lists_right() const;
  // Ranges of fingers in which a node lives, and how many of them have none for a finger.
  [[nodiscard]] std::pair<std::size_t, std::size_t> fingers_missing() const;
  [[nodiscard]] node_id responsible(const node_id& key) const;
  [[nodiscard]] journey walk(const node_id& from, const node_id& key) const;
  [[nodiscard]] std::vector<node_id> living() const;
  [[nodiscard]] std::size_t active() const;
  [[nodiscard]] std::size_t links() const;  // of all nodes
  node& at(const node_id& n) { return *nodes.at(n); }

  overlay::chord_options options;
  std::map<node_id, std::unique_ptr<node>> nodes;
  core::time_point now{1000s};
  std::map<std::string, std::size_t> counts;  // of actions, by name

 private:
  struct message {
    node_id from;
    overlay::destination to;
    std::optional<node_id> via;
    std::function<void(std::optional<node_id>)> done;  // who it has come to
    unsigned hops = 0;
  };

  [[nodiscard]] node* find(const node_id& n) const;
  [[nodiscard]] static core::duration latency(const node_id& a, const node_id& b);
  void later(core::duration d, std::function<void()> f) { queue_.emplace(now + d, std::move(f)); }
  // Has `n` told, if it lives, and does what it wants then.
  template <class F>
  void tell(const node_id& n, F event);
  void plan_tick(const node_id& n);
  void carry(const node_id& at, message m);
  void connect(const node_id& a, const node_id& b, bool update_wanted);
  void disconnect(const node_id& a, const node_id& b, core::duration after);
  std::optional<node_id> bootstrap(const node_id& n);
  void move_keys(const node_id& from, const node_id& to, const overlay::key_range& keys);

  void act(const node_id& n, const overlay::chord_actions::find_bootstrap&);
  void act(const node_id& n, const overlay::chord_actions::attach& a);
  void act(const node_id& n, const overlay::chord_actions::tell& a);
  void act(const node_id& n, const overlay::chord_actions::ask_join& a);
  void act(const node_id& n, const overlay::chord_actions::answer_join& a);
  void act(const node_id& n, const overlay::chord_actions::hand_over& a);
  void act(const node_id& n, const overlay::chord_actions::copy& a);
  void act(const node_id& n, const overlay::chord_actions::ping& a);
  void act(const node_id& n, const overlay::chord_actions::seek&);
  void act(const node_id& n, const overlay::chord_actions::say_leave& a);
  void act(const node_id& n, const overlay::chord_actions::close_link& a);
  void act(const node_id& n, const overlay::chord_actions::activated&) { ++at(n).activations; }
  void act(const node_id&, const overlay::chord_actions::members_changed&) {}

  std::mt19937_64 random_;
  std::multimap<core::time_point, std::function<void()>> queue_;
  std::set<unsigned> sides_;  // whose ring has begun
};

}  // namespace phyllo::testing
