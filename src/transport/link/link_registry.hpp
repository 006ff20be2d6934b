// What the links of one host share, and the list of those that are open.
#pragma once

#include <map>
#include <memory>

#include "link/fragmentation.hpp"
#include "link/frame.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::transport {

class framed_link;

class link_registry {
 public:
  // Both must outlive every open link.
  link_registry(core::environment& e, core::metrics& m, core::duration orphan_timeout);

  // Two nodes that dial each other at once have two; a third may come of one that has lost its own. Of more the oldest is closed.
  static constexpr std::size_t links_of_node_max = 3;

  void add(framed_link* l, link_kind kind);
  void remove(framed_link* l, link_kind kind);
  // The link that its peer dialled, and that has this token; null: none.
  [[nodiscard]] std::shared_ptr<framed_link> find(const link_token& token, const identity::node_id& peer) const;
  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }
  void close_all();

  core::environment& env;
  core::metrics& metrics;
  core::duration orphan_timeout;  // a link that nobody observes ends after it
  host::frame_tap tap;
  reassembly_pool reassembly;

 private:
  core::gauge& gauge_of(link_kind kind) noexcept { return kind == link_kind::dtls ? dtls_ : tls_; }

  core::gauge& dtls_;
  core::gauge& tls_;
  std::multimap<identity::node_id, framed_link*> open_;  // by peer; of one the oldest first
};

}  // namespace phyllo::transport
