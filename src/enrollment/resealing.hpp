// Which domains' credential records are to be sealed anew, with a newer generation of the domain's key, and when the older generations may
// be forgotten (enrollment.md, "Domain keys"). A pure machine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/enrollment/accounts.hpp"

namespace phyllo::enrollment {

class resealing {
 public:
  // `overlap`: as long as older generations are kept after one was made, for what nodes and phones still hold of them.
  explicit resealing(core::duration overlap) : overlap_(std::chrono::duration_cast<core::wall_time::duration>(overlap)) {}

  // A domain's generations as they are now, rising.
  void learn(const std::string& domain, const std::vector<domain_key>& generations);
  // A domain whose records all are to be sealed anew now; then sealing() is due.
  [[nodiscard]] std::optional<std::string> due(core::wall_time now);
  void sealing(const std::string& domain, std::set<std::string> users);
  // The record of one user is sealed with that generation, or needs none.
  void sealed(const std::string& domain, const std::string& user, std::uint32_t generation);
  // A domain, and the generation before which all may be forgotten; then learn() is due.
  [[nodiscard]] std::optional<std::pair<std::string, std::uint32_t>> forgettable(core::wall_time now) const;

 private:
  using generations = std::vector<std::pair<std::uint32_t, core::wall_time>>;  // when it was made
  struct of_domain {
    generations known;
    std::uint32_t sealed = 0;  // all records are of this generation or a later one
    std::uint32_t wanted = 0;  // what is being sealed with; 0: nothing is
    std::set<std::string> left;
  };

  core::wall_time::duration overlap_;
  std::map<std::string, of_domain> domains_;
};

}  // namespace phyllo::enrollment
