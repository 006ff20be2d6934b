// The list of live supernodes that a bootstrap server has under /.well-known/phyllo-supernodes: signed, with its time, by the node that
// serves it (enrollment.md). A hint for joiners, outside the configuration document's sequence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::enrollment {

struct supernode_list {
  std::string overlay;
  core::wall_time time;
  std::vector<identity::bootstrap_node> nodes;
};

[[nodiscard]] std::string print(const supernode_list& l, const identity::credential& by);

// Of the trust's overlay, signed by one of its nodes, of the last five minutes by `now` (or as much ahead: clocks differ). server_error
// (not such a list, of another overlay, of another time), identity's errors.
[[nodiscard]] core::result<supernode_list> parse_supernode_list(std::string_view text, const identity::trust& trust, core::wall_time now);

}  // namespace phyllo::enrollment
