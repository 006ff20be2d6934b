// Log lines in proportion to causes, not to input: a cause is written a few times; while it goes on, once a period, with how often it came.
// The one place where that is decided, for all tiers: a cause is a place in the code, and whom its line is about where that was said.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::core {

// A pure machine. Lines of level debug are for who wants to see everything, and are not rationed.
class log_ration {
 public:
  struct limits {
    unsigned lines = 10;             // of a cause at its beginning
    unsigned lines_about_one = 3;    // the same, of one whom they are about
    unsigned lines_about_all = 200;  // a period, of all of them
    duration period = std::chrono::seconds(60);
    std::size_t causes_max = 8192;
  };
  struct count {  // a line that stands for many
    log_level level = log_level::info;
    std::string component;
    std::string text;
  };

  // `key` must be random and secret: strangers may choose whom lines are about.
  log_ration(limits l, const hash_key& key) : limits_(l), key_(key), causes_(l.causes_max, key), persons_(l.causes_max, key) {}

  // True: write the line. False: it is counted.
  [[nodiscard]] bool admits(const log_cause& c, time_point now);
  // The counts of periods that are over; to be written.
  [[nodiscard]] std::vector<count> due(time_point now);

 private:
  struct state {
    log_level level = log_level::info;
    std::string component;
    std::string_view format;
    std::string about;
    time_point began;
    unsigned written = 0;    // in this period
    std::uint64_t more = 0;  // not written, in this period
  };
  using table = bounded_map<std::uint64_t, state>;

  [[nodiscard]] state& of(table& t, const log_cause& c, std::string_view about, time_point now);
  void collect(table& t, time_point now, std::vector<count>& out) const;
  [[nodiscard]] std::string text_of(const state& s, time_point now) const;

  limits limits_;
  hash_key key_;
  table causes_;
  table persons_;
};

// A sink before `to` that rations its lines, for threads of any number. Counts are written by a thread of its own, the last ones at its
// end.
[[nodiscard]] std::shared_ptr<log_sink> rationed(std::shared_ptr<log_sink> to, log_ration::limits l = {});

}  // namespace phyllo::core
