// Counters, gauges and histograms in Prometheus' text format 0.0.4. They exist at zero from their registration on.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "phyllo/core/reason_counters.hpp"

namespace phyllo::core {

class counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class gauge {
 public:
  void set(double v) noexcept { value_.store(v, std::memory_order_relaxed); }
  [[nodiscard]] double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class histogram {
 public:
  explicit histogram(std::vector<double> bounds);
  void observe(double v) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

 private:
  friend class metrics;
  std::vector<double> bounds_;  // upper bounds, rising; +Inf is implied
  std::vector<std::atomic<std::uint64_t>> buckets_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<double> sum_{0};
};

// Registry of one process (or one test). References it gives stay valid as long as it lives. Registration takes a
// lock, so hold on to the reference; counting does not. docs/metrics.md lists the names with their labels; beside those each line bears
// `overlay` where a process is part of several.
class metrics {
 public:
  using labels = std::map<std::string, std::string>;

  // `all`: labels that every line of it bears beside its own, for a process with several registries.
  explicit metrics(labels all = {}) : all_(std::move(all)) {}

  counter& get_counter(const std::string& name, const std::string& help, const labels& l = {});
  gauge& get_gauge(const std::string& name, const std::string& help, const labels& l = {});
  histogram& get_histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds);

  // phyllo_dropped_total{reason="..."}: every drop of every tier, by reason. Strangers cause them, so but for the first of a reason it is
  // counted as by a held reference: without a lock, and without memory.
  void drop(std::string_view reason);
  // phyllo_evicted_total{table="..."}: what made room for newcomers in a full table.
  counter& evictions(std::string_view table);
  [[nodiscard]] std::map<std::string, std::uint64_t> drops() const;

  [[nodiscard]] std::string text() const { return text_of({this}); }
  // Of several registries, a family's lines together as the format asks.
  [[nodiscard]] static std::string text_of(const std::vector<const metrics*>& registries);
  // The same, of several at a time as if they were one: what shards have counted adds up, gauges too.
  [[nodiscard]] static std::string text_of_sums(const std::vector<std::vector<const metrics*>>& registries);

 private:
  struct family {
    std::string help;
    std::string type;
    std::map<labels, std::unique_ptr<counter>> counters;
    std::map<labels, std::unique_ptr<gauge>> gauges;
    std::unique_ptr<histogram> distribution;
  };
  family& of(const std::string& name, const std::string& help, std::string_view type);
  struct family_sum {
    std::map<labels, std::uint64_t> counters;
    std::map<labels, double> gauges;
    std::vector<double> bounds;  // of the histogram
    std::vector<std::uint64_t> buckets;
    std::uint64_t count = 0;
    double sum = 0;
  };
  void add(const std::string& name, family_sum& to) const;
  void print(const std::string& name, const family_sum& f, std::string& out) const;
  [[nodiscard]] std::string print(labels l) const;

  labels all_;
  mutable std::mutex mutex_;
  std::map<std::string, family> families_;
  reason_counters drops_;
};

}  // namespace phyllo::core
