// The requests that are on their way through the proxy: by their server transactions, by the client transactions of their branches, and by
// when their response contexts are due (RFC 3261 s.16.7). Pure.
#pragma once

#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "proxy_context.hpp"

namespace phyllo::sip {

// Contexts are shared, since the layer below may end the server transaction while its context is at work.
class context_table {
 public:
  using context_ptr = std::shared_ptr<proxy_context>;
  struct branch {
    context_ptr of;  // null: of nothing that is known
    std::size_t number = 0;
  };

  void add(context_ptr c);
  void remove(const proxy_context& c);
  [[nodiscard]] context_ptr find(server_id id) const;  // null: there is none

  // The branch has been sent along; `c.forked.clients` has a place for it.
  void began(proxy_context& c, std::size_t number, client_id id);
  [[nodiscard]] branch branch_of(client_id id) const;
  void forget_branches(proxy_context& c);  // as if none had been sent

  // When its response context is due; time_point::max(): never. True: it is the first of all now.
  bool schedule(proxy_context& c, core::time_point next);
  [[nodiscard]] core::time_point next_due() const noexcept { return due_.empty() ? core::time_point::max() : due_.begin()->first; }
  // One that is due, and no longer scheduled; null: none is.
  [[nodiscard]] context_ptr take_due(core::time_point now);

  void clear();

 private:
  std::unordered_map<server_id, context_ptr> contexts_;
  std::unordered_map<client_id, std::pair<server_id, std::size_t>> clients_;
  std::set<std::pair<core::time_point, server_id>> due_;
};

}  // namespace phyllo::sip
