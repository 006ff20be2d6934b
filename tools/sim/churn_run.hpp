// One run of the churn experiment: nodes that come and go (churn_population.cpp), look-ups and the oracle that judges them
// (churn_lookups.cpp), and what is made of both (churn_run.cpp).
#pragma once

#include <deque>
#include <random>
#include <unordered_map>

#include "churn.hpp"
#include "message_counts.hpp"
#include "phyllo/sim/ring.hpp"

namespace phyllo::simulate {

constexpr core::duration lookup_limit = std::chrono::seconds(10);
constexpr core::duration merging_limit = std::chrono::seconds(10);  // after a partition: from then on two roots are a fault

inline double seconds(core::duration d) { return std::chrono::duration<double>(d).count(); }

class churn_run {
 public:
  churn_run(const churn_conditions& c, std::uint64_t seed, sim::crypto crypto, bool check);

  churn_outcome run();

 private:
  struct lookup {
    core::time_point began;
    unsigned from = 0;
    core::time_point delivered{};
  };
  struct host final : overlay::overlay_observer {
    churn_run* run = nullptr;
    sim::node* node = nullptr;
    bool malicious = false;
    std::uint32_t session = 0;  // a departure that was meant for an earlier one does nothing
    void on_delivered(const overlay::resource_id& key) override { run->delivered(*node, key); }
  };

  void sent(unsigned from, core::bytes& message);
  void grow();
  void begin_churn();
  void arrive();
  void start(sim::node& n);
  void expect_departure(sim::node& n);
  void depart(sim::node& n, bool says_so);
  void play(std::size_t next);
  void split(const partition& p);
  void next_arrival();
  void next_lookup();
  core::awaitable<void> look_up(sim::node& from, identity::node_id key);
  void ended(const lookup& l, const identity::node_id& key, const core::result<overlay::ping_outcome>& a);
  void delivered(sim::node& at, const identity::node_id& key);
  void check_claims(const identity::node_id& key);
  void broke(std::string what);
  void close_window();
  void integrate();
  churn_outcome summary();

  [[nodiscard]] core::time_point now() { return ring_.world().now(); }
  [[nodiscard]] core::duration exponential(double mean) {
    const auto drawn = std::exponential_distribution<double>(1 / mean)(ring_.world().random());
    return std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(drawn));
  }
  [[nodiscard]] core::duration round_trip(const sim::node& a, const sim::node& b) {
    return 2 * (ring_.network().distance(a.index, b.index) + ring_.network().jitter);
  }
  // Two rings that have just begun to hear of each other are two until they have become one (pastry.md).
  [[nodiscard]] bool merging() { return now() < merged_by_; }
  [[nodiscard]] double at_second() { return seconds(now() - began_); }

  const churn_conditions& c_;
  bool check_;
  sim::ring ring_;
  message_counts counts_;
  std::deque<host> hosts_;       // by index
  std::deque<sim::node*> dead_;  // longest first
  std::unordered_map<std::uint64_t, sim::node*> traced_;
  std::unordered_map<identity::node_id, lookup> open_;
  bool churning_ = false, measuring_ = false;
  std::uint64_t begun_ = 0, answered_ = 0;
  core::time_point began_{}, counted_{}, window_began_{}, merged_by_{};
  churn_outcome out_;
  double window_nodes_ = 0, window_stretch_ = 0, window_answered_ = 0;
  std::uint64_t window_messages_ = 0, window_lookups_ = 0, window_lost_ = 0, window_wrong_ = 0;
};

}  // namespace phyllo::simulate
