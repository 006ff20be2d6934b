// Which connections there are: by the flows they are, by what they can be used for again (RFC 3261 s.18.1.1), and by the supernodes at
// their other ends. Pure.
#pragma once

#include <memory>
#include <unordered_map>

#include "node_connections.hpp"
#include "phyllo/core/keyed_hash.hpp"
#include "stream_connection.hpp"

namespace phyllo::sip {

class connection_table {
 public:
  using connection_ptr = std::shared_ptr<stream_connection>;

  // Flows are named from the one after `last` on. `key` is random and secret: strangers choose addresses.
  connection_table(std::uint64_t last, const core::hash_key& key) : reusable_(0, hasher{key}), last_flow_(last) {}

  [[nodiscard]] flow_id next_flow() noexcept { return flow_id{++last_flow_}; }
  // With its flow, its key and, of phyllo-sip, its node. The connection of the same node that has to make room for it; null: none.
  stream_connection* add(connection_ptr c);
  void remove(const stream_connection& c);

  // Null: there is none.
  [[nodiscard]] stream_connection* find(flow_id flow) const;
  [[nodiscard]] stream_connection* find(const identity::node_id& node) const;
  [[nodiscard]] stream_connection* find(const reuse_key& key) const;

  [[nodiscard]] std::size_t of_nodes() const noexcept { return nodes_.size(); }
  [[nodiscard]] std::size_t of_others() const noexcept { return connections_.size() - nodes_.size(); }
  void clear();

 private:
  struct hasher {
    core::hash_key key;
    std::size_t operator()(const reuse_key& k) const {
      const auto& [by, at, name] = k;
      const core::hash_key of_name{key.first ^ core::keyed_hash(key, at), key.second + static_cast<std::uint64_t>(by)};
      return static_cast<std::size_t>(core::keyed_hash(of_name, std::string_view(name)));
    }
  };

  std::unordered_map<flow_id, connection_ptr> connections_;
  std::unordered_map<reuse_key, flow_id, hasher> reusable_;
  node_connections nodes_;
  std::uint64_t last_flow_;
};

}  // namespace phyllo::sip
