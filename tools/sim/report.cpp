#include "report.hpp"

#include <fmt/format.h>

#include <cmath>

namespace phyllo::simulate {

void report::section(std::string title) { section_ = std::move(title); }

void report::judge(line l) {
  l.section = section_;
  held_ = held_ && l.held;
  lines_.push_back(std::move(l));
}

void report::figure(const std::string& name, double value, const std::string& unit) {
  judge({.section = {}, .name = name, .value = value, .unit = unit, .limit = {}, .held = true, .note = {}});
}

void report::cost(const std::string& name, double value, const std::string& unit) {
  costs_.push_back({.section = section_, .name = name, .value = value, .unit = unit, .limit = {}, .held = true, .note = {}});
}

void report::at_most(const std::string& name, double value, double limit, const std::string& unit) {
  judge({.section = {},
         .name = name,
         .value = value,
         .unit = unit,
         .limit = fmt::format("<= {:g}", limit),
         .held = value <= limit,
         .note = {}});
}

void report::at_least(const std::string& name, double value, double limit, const std::string& unit) {
  judge({.section = {},
         .name = name,
         .value = value,
         .unit = unit,
         .limit = fmt::format(">= {:g}", limit),
         .held = value >= limit,
         .note = {}});
}

void report::within(const std::string& name, double value, double expected, double share) {
  const bool held = std::abs(value - expected) <= share * std::abs(expected);
  const auto limit = fmt::format("{:g} +- {:g} %", expected, share * 100);
  judge({.section = {}, .name = name, .value = value, .unit = {}, .limit = limit, .held = held, .note = {}});
}

void report::invariant(const std::string& name, const std::string& broken) {
  judge({.section = {},
         .name = name,
         .value = broken.empty() ? 1.0 : 0.0,
         .unit = {},
         .limit = "holds",
         .held = broken.empty(),
         .note = broken});
}

void report::add(plot p) { plots_.push_back(std::move(p)); }

std::string report::table() const {
  std::string out, section;
  for (const auto& l : lines_) {
    if (l.section != section) out += fmt::format("\n{}\n", section = l.section);
    const char* verdict = l.limit.empty() ? "" : l.held ? "held" : "MISSED";
    const auto value = l.limit == "holds" ? std::string() : fmt::format("{:.6g} {}", l.value, l.unit);
    out += fmt::format("  {:58} {:>18}  {:>16}  {}{}\n", l.name, value, l.limit, verdict, l.note.empty() ? "" : ": " + l.note);
  }
  section.clear();
  for (const auto& l : costs_) {
    if (l.section != section) out += fmt::format("\nOf this machine: {}\n", section = l.section);
    out += fmt::format("  {:58} {:>18}\n", l.name, fmt::format("{:.6g} {}", l.value, l.unit));
  }
  return out;
}

nlohmann::json report::json() const {
  nlohmann::json figures = nlohmann::json::array(), plots = nlohmann::json::array(), costs = nlohmann::json::array();
  for (const auto& l : lines_) {
    nlohmann::json one{{"section", l.section}, {"name", l.name}, {"value", l.value}, {"unit", l.unit}, {"held", l.held}};
    if (!l.limit.empty()) one["limit"] = l.limit;
    if (!l.note.empty()) one["note"] = l.note;
    figures.push_back(std::move(one));
  }
  for (const auto& l : costs_) costs.push_back({{"section", l.section}, {"name", l.name}, {"value", l.value}, {"unit", l.unit}});
  for (const auto& p : plots_) plots.push_back(p.json());
  return {{"held", held_}, {"figures", figures}, {"costs", costs}, {"plots", plots}};
}

}  // namespace phyllo::simulate
