// The open links of a node, by the node at their other end. Two nodes that dial each other at once have two links for
// a while; both ends prefer the same one, and the other is closed once it is quiet.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "phyllo/core/time.hpp"
#include "phyllo/overlay/name.hpp"
#include "phyllo/transport/link.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

class link_table {
 public:
  // What one link may bring: far more than a busy neighbour does, and far less than a core can take apart.
  static constexpr float messages_per_second = 10'000;
  static constexpr float messages_burst = 20'000;
  static constexpr core::duration excess_after = std::chrono::seconds(10);

  explicit link_table(const node_id& self) : self_(self) {}

  void add(std::shared_ptr<transport::link> l, bool dialled, core::time_point now);
  // True: that was the last one to its node. The link lives on until the caller drops what this gives back.
  struct removed {
    std::shared_ptr<transport::link> link;
    bool last = false;
  };
  removed remove(const transport::link& l);

  [[nodiscard]] transport::link* to(const node_id& n) const;                       // the preferred one; null: none
  [[nodiscard]] std::shared_ptr<transport::link> share(const transport::link& l);  // null: it is none of these
  [[nodiscard]] bool take_token(const transport::link& l, core::time_point now);
  // Older ones beside a preferred one.
  [[nodiscard]] std::vector<std::shared_ptr<transport::link>> excess(core::time_point now) const;
  [[nodiscard]] std::vector<std::shared_ptr<transport::link>> of(const node_id& n) const;
  [[nodiscard]] std::vector<std::shared_ptr<transport::link>> all() const;
  [[nodiscard]] bool contains(const node_id& n) const { return links_.contains(n); }  // open or not
  [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
  [[nodiscard]] std::vector<node_id> peers() const;

 private:
  struct entry {
    std::shared_ptr<transport::link> link;
    core::time_point since;
    bool dialled = false;  // from here
    token_bucket rate{messages_per_second, messages_burst};
  };
  // Nearly every node has one link: no list is kept beside it for others.
  using table = std::unordered_multimap<node_id, entry>;
  using range = std::pair<table::const_iterator, table::const_iterator>;

  [[nodiscard]] range of_node(table::const_iterator first) const;
  [[nodiscard]] bool better(const node_id& peer, const entry& a, const entry& b) const;
  [[nodiscard]] const entry& preferred(const range& all) const;  // not of an empty one
  [[nodiscard]] table::iterator find(const transport::link& l);

  node_id self_;
  std::size_t nodes_ = 0;
  table links_;
};

}  // namespace phyllo::overlay
