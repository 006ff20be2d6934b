// Which phones a user's bindings are, and which ways lead to each, ready to be sent along (RFC 3261 s.16.5, RFC 5626 s.5.3, s.7).
//
// The flows of one instance are one phone. A contact that is another user of the same domain is none: it says where calls go on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "location.hpp"
#include "own_names.hpp"
#include "proxy_context.hpp"
#include "sealed_token.hpp"
#include "way_memory.hpp"

namespace phyllo::sip {

class fork_targets {
 public:
  // `has_failed` as service_options has it. References must outlive it.
  fork_targets(core::environment& env, const own_names& own, const token_sealer& sealer, const way_memory& memory,
               std::function<bool(const identity::node_id&)> has_failed, identity::node_id self, asio::ip::address own_address)
      : env_(env),
        own_(own),
        sealer_(sealer),
        memory_(memory),
        has_failed_(std::move(has_failed)),
        self_(self),
        own_address_(std::move(own_address)) {}

  // By falling q, those that some way leads to. A request that is `sips` keeps its scheme. No phone has more than `q_max`.
  [[nodiscard]] std::vector<fork_target> phones_of(const std::string& user, std::vector<binding> bindings, bool sips,
                                                   std::uint16_t q_max = 1000) const;

  // To a user's phones for a request within a dialog: one after another as they are given, with the Request-URI as it is.
  [[nodiscard]] std::vector<fork_way> ways_of(const std::string& user, const std::vector<binding>& bindings) const;

  // Calls for a user of `domain` go on to the user of the same domain that this contact is. Nullopt: it is a phone.
  [[nodiscard]] std::optional<std::string> forwarded_to(const uri& contact, std::string_view domain) const;

  // No way through that node is worth trying.
  [[nodiscard]] bool dead(const identity::node_id& n) const;

 private:
  void add_ways(fork_target& t, const binding& b, std::uint64_t user, bool sips) const;
  [[nodiscard]] std::optional<fork_way> ready(const way& w, std::uint64_t user) const;

  core::environment& env_;
  const own_names& own_;
  const token_sealer& sealer_;
  const way_memory& memory_;
  std::function<bool(const identity::node_id&)> has_failed_;
  identity::node_id self_;
  asio::ip::address own_address_;
};

}  // namespace phyllo::sip
