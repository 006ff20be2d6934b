// Names by which phones have been told of this node or another of the ring, and which only DNS knows: a name is a node's where it has a
// node's address now. That says where a request is meant to go, and nothing about who anybody is.
#pragma once

#include <asio/ip/address.hpp>
#include <functional>
#include <string>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/transport/resolver.hpp"

namespace phyllo::sip {

// Names are as canonical_host writes them.
class host_names {
 public:
  static constexpr std::size_t names_max = 1'024;
  static constexpr core::duration good_for = std::chrono::hours(1);
  static constexpr core::duration asked_again_after = std::chrono::minutes(20);  // while it is in use, so that it does not end amid a call

  // References must outlive it. `is_node`: the address is this node's, or another supernode's.
  host_names(core::environment& env, transport::resolver& dns, std::function<bool(const asio::ip::address&)> is_node);

  // It has been found to be a node's, and not too long ago.
  [[nodiscard]] bool known(const std::string& name);
  // Asks DNS. To be called for those only who have proved who they are: else anybody could make this node ask for names.
  [[nodiscard]] core::awaitable<bool> find(std::string name);
  core::awaitable<void> stop();  // cancels and joins

 private:
  struct found {
    core::time_point at{};
    bool asked_again = false;
  };
  core::awaitable<void> refresh(std::string name);

  core::environment& env_;
  transport::resolver& dns_;
  std::function<bool(const asio::ip::address&)> is_node_;
  core::bounded_map<std::string, found> names_;
  core::task_scope scope_;
};

}  // namespace phyllo::sip
