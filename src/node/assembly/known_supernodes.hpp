// The addresses of the ring's supernodes, as far as this node is linked to them: in SIP, their users are the domain's.
#pragma once

#include <asio/ip/address.hpp>
#include <set>

#include "phyllo/core/environment.hpp"
#include "phyllo/overlay/peer.hpp"

namespace phyllo::node {

class known_supernodes {
 public:
  // Both must outlive it.
  known_supernodes(core::environment& env, const overlay::peer& peer) : env_(env), peer_(peer) {}

  // By what the peer knew at most a second ago: a stranger's requests do not make it count its links each time.
  [[nodiscard]] bool contains(const asio::ip::address& a) { return all().contains(a); }
  [[nodiscard]] const std::set<asio::ip::address>& all();

 private:
  void refresh();

  core::environment& env_;
  const overlay::peer& peer_;
  std::set<asio::ip::address> addresses_;
  core::time_point good_until_{};
};

}  // namespace phyllo::node
