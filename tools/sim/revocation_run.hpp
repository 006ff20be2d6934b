// One run of the revocation experiment: a ring in which nodes come and go, a list that is revoked all at once and then changes, and who has
// it when.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "phyllo/sim/ring.hpp"

namespace phyllo::simulate {

struct revocation_conditions {
  std::size_t nodes = 1000;
  std::size_t revoked = 100'000;                        // at once
  std::size_t changes = 20;                             // of a few entries each, after that
  core::duration every = std::chrono::seconds(10);      // one change after the other
  core::duration session = std::chrono::seconds(1800);  // mean; half of those that go say so
  double operations = 20;                               // look-ups, puts and gets a second in the whole ring
  double loss = 0;
};

struct revocation_outcome {
  std::vector<double> whole_s;    // of the list at once: for each node that was there, until it was in force
  std::vector<double> changed_s;  // of each change: until it was in force in all that were there and stayed
  std::vector<double> joined_s;   // of each node that joined meanwhile: from its being active until the list of that moment was in force
  std::uint64_t missed = 0;       // that were there for a minute and did not have it
  std::uint64_t operations = 0, failed = 0, refused = 0;
  std::uint64_t revoked_seen = 0;  // certificates of revoked nodes that a node held for good afterwards
  std::uint64_t joins = 0, departures = 0;
  struct traffic {
    std::uint64_t messages = 0, bytes = 0;
  };
  traffic at_once, by_changes, all;  // of the list: while it was revoked at once; afterwards. Everything
  double seconds_at_once = 0, seconds_of_changes = 0, nodes = 0, wall_seconds = 0;
};

class revocation_run {
 public:
  revocation_run(const revocation_conditions& c, std::uint64_t seed, sim::crypto crypto);
  revocation_outcome run();

 private:
  struct expected {
    std::uint64_t number = 0;
    core::time_point since{};
    std::map<unsigned, core::time_point> missing;  // by index of the node: since when it should have it
    double last = 0;
  };

  void sent(core::byte_view message);
  void arrive();
  void expect_departure(sim::node& n);
  void next_arrival();
  void next_operation();
  core::awaitable<void> operate(sim::node& n);
  std::uint64_t publish(std::size_t add, std::size_t remove);
  void look();
  void settle(expected& e, std::vector<double>* each);
  [[nodiscard]] identity::node_id random_key();
  [[nodiscard]] core::duration exponential(double mean);
  [[nodiscard]] core::time_point now() { return ring_.world().now(); }

  revocation_conditions c_;
  sim::ring ring_;
  revocation_outcome out_;
  sim::node* signer_ = nullptr;  // stays
  std::vector<identity::revocation> entries_;
  std::vector<expected> expected_;
  std::map<unsigned, std::pair<core::time_point, std::uint64_t>> joined_;  // since when, and the number that was newest then
  revocation_outcome::traffic list_;
  std::unordered_set<std::uint64_t> announced_;
  bool running_ = false;
};

}  // namespace phyllo::simulate
