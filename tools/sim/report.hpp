// The outcome of an experiment: figures beside what they are held against, for a person, for machines, and as plots.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "plot.hpp"

namespace phyllo::simulate {

class report {
 public:
  // A line of its own among the figures.
  void section(std::string title);
  // Measured; held against nothing.
  void figure(const std::string& name, double value, const std::string& unit = {});
  // What it took of this machine. Told apart, after the figures: equal seeds have equal figures.
  void cost(const std::string& name, double value, const std::string& unit);
  // Held against a limit; a miss fails the run.
  void at_most(const std::string& name, double value, double limit, const std::string& unit = {});
  void at_least(const std::string& name, double value, double limit, const std::string& unit = {});
  void within(const std::string& name, double value, double expected, double share);  // |value - expected| <= share * expected
  // An invariant: `broken` says what was found, empty if it held.
  void invariant(const std::string& name, const std::string& broken);
  // Series of a figure; drawn with --plots, in the JSON in any case.
  void add(plot p);

  [[nodiscard]] bool held() const noexcept { return held_; }
  [[nodiscard]] std::string table() const;
  [[nodiscard]] nlohmann::json json() const;
  [[nodiscard]] const std::vector<plot>& plots() const noexcept { return plots_; }

 private:
  struct line {
    std::string section;
    std::string name;
    double value = 0;
    std::string unit;
    std::string limit;  // as text; empty: none
    bool held = true;
    std::string note;
  };
  void judge(line l);

  std::string section_;
  std::vector<line> lines_;
  std::vector<line> costs_;
  std::vector<plot> plots_;
  bool held_ = true;
};

}  // namespace phyllo::simulate
