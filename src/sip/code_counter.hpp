// A counter a response code (`phyllo_calls_total{code="200"}`), there at zero for the usual codes from the start.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "phyllo/core/metrics.hpp"

namespace phyllo::sip {

class code_counter {
 public:
  code_counter(core::metrics& m, std::string name, std::string help, std::initializer_list<int> usual)
      : metrics_(m), name_(std::move(name)), help_(std::move(help)) {
    for (const int code : usual) counter_of(code);
  }

  void add(int code) { counter_of(code).add(); }

 private:
  core::counter& counter_of(int code) {
    auto& c = counters_[code];
    if (c == nullptr) c = &metrics_.get_counter(name_, help_, {{"code", std::to_string(code)}});
    return *c;
  }

  core::metrics& metrics_;
  std::string name_;
  std::string help_;
  std::map<int, core::counter*> counters_;  // codes are three digits, so at most 700
};

}  // namespace phyllo::sip
