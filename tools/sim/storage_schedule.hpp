// One random schedule of faults against a ring whose records are written and read all the while; the oracle judges every answer.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/sim/ring.hpp"
#include "storage_oracle.hpp"

namespace phyllo::simulate {

struct schedule_options {
  std::uint64_t seed = 1;
  sim::crypto crypto = sim::crypto::model;
  std::size_t nodes = 24;  // at most, at the start; the seed says how many
  std::size_t records = 1000;
  unsigned phases = 6;     // of faults, repair and quiet
  double operations = 20;  // begun in a second of virtual time
};

struct schedule_outcome {
  struct tally {
    std::size_t answered = 0, unanswered = 0;
  };
  std::vector<std::string> broken;          // what the promise does not allow
  std::vector<std::string> events;          // what was done to the ring
  std::size_t nodes = 0;                    // at the start
  std::map<std::string, tally> operations;  // by their names
  tally small_side, large_side;             // of partitions, from when each side has settled
  std::vector<double> repairs_s;            // from the last fault until all is whole
  std::vector<double> reads_ms;             // default reads that were answered
  std::size_t crashes = 0, partitions = 0, joins = 0, leaves = 0;
  double virtual_s = 0;
};

class storage_schedule {
 public:
  explicit storage_schedule(const schedule_options& o);
  schedule_outcome run();

 private:
  using kind = storage_oracle::kind;

  // --- storage_schedule.cpp: what is done to the ring
  bool build();
  void phase();
  void draw_conditions();
  void calm();
  void crash(std::size_t count);
  [[nodiscard]] std::optional<std::size_t> next_told();  // a record; nothing within 5 s
  void look_again(std::size_t record);
  void restart_later(sim::node& n);
  void leave_some();
  void join_some();
  void jump_clocks();
  void partition();
  void cut_pair();
  void wait_until_whole();
  [[nodiscard]] bool whole();
  [[nodiscard]] std::string lacking();
  void happened(std::string what);
  void breach(const std::string& what);
  [[nodiscard]] double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  [[nodiscard]] std::size_t draw(std::size_t low, std::size_t high) {
    return std::uniform_int_distribution<std::size_t>(low, high)(random_);
  }
  [[nodiscard]] core::duration draw(core::duration low, core::duration high);
  [[nodiscard]] sim::node& draw_active();

  // --- storage_workload.cpp: what is asked of it
  void fill();
  void work();
  void sweep();
  core::awaitable<void> write(sim::node& n, std::size_t record, kind k);
  void judge_write(const sim::node& n, std::size_t operation, std::size_t record, const core::result<overlay::outcome>& got);
  core::awaitable<void> read(sim::node& n, std::size_t record, bool quorum);
  void note(const char* name, unsigned side, bool answered, bool measured);
  [[nodiscard]] unsigned side_of(const sim::node& n) const;
  [[nodiscard]] bool measured() const;
  [[nodiscard]] core::duration lifetime_of(std::size_t record) const;
  [[nodiscard]] sim::node& root_of(std::size_t record) const;
  void told(const sim::node& n, std::size_t record);

  schedule_options options_;
  std::mt19937_64 random_;
  std::unique_ptr<sim::ring> ring_;
  storage_oracle oracle_;
  schedule_outcome outcome_;
  std::map<unsigned, std::uint64_t> last_used_;  // by node: the storage time it may have used last
  // The next to be told is waited for: anybody, or a node that is the record's root.
  enum class awaited : std::uint8_t { none, any, root } awaited_ = awaited::none;
  std::optional<std::size_t> told_;
  bool working_ = false;
  std::size_t running_ = 0;  // operations
  std::size_t restarting_ = 0;
  std::optional<core::time_point> both_serve_from_;  // in a partition
  unsigned small_side_ = 1;
};

}  // namespace phyllo::simulate
