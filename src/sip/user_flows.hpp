// By which connections (RFC 5626's flows) users have registered here: what is to be closed when a user's account is gone.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "transport_layer.hpp"

namespace phyllo::sip {

class user_flows {
 public:
  void note(const std::string& user, flow_id flow) {
    if (flow == flow_id::none) return;  // UDP: there is nothing to close
    users_[flow].insert(user);
    flows_[user].insert(flow);
  }

  void forget(flow_id flow) {
    const auto users = users_.extract(flow);
    if (users.empty()) return;
    for (const auto& user : users.mapped()) erase(user, flow);
  }

  // The user is gone: the connections that nobody else has registered by (a trunk carries many).
  [[nodiscard]] std::vector<flow_id> take(const std::string& user) {
    std::vector<flow_id> alone;
    const auto flows = flows_.extract(user);
    if (flows.empty()) return alone;
    for (const auto flow : flows.mapped()) {
      auto& users = users_[flow];
      users.erase(user);
      if (!users.empty()) continue;
      users_.erase(flow);
      alone.push_back(flow);
    }
    return alone;
  }

  [[nodiscard]] const std::map<std::string, std::set<flow_id>>& by_user() const noexcept { return flows_; }

 private:
  void erase(const std::string& user, flow_id flow) {
    const auto at = flows_.find(user);
    if (at == flows_.end()) return;
    at->second.erase(flow);
    if (at->second.empty()) flows_.erase(at);
  }

  std::map<flow_id, std::set<std::string>> users_;
  std::map<std::string, std::set<flow_id>> flows_;
};

}  // namespace phyllo::sip
