// By which connections (RFC 5626's flows) users have registered here: what is to be closed when a user's account is gone, and what a host
// keeps when it makes room for newcomers.
#pragma once

#include <cassert>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "transport_layer.hpp"

namespace phyllo::sip {

class user_flows {
 public:
  // At most `most` of a user: the oldest is forgotten then, and returned if it is nobody else's either. Else none.
  flow_id note(const std::string& user, flow_id flow, std::size_t most) {
    if (flow == flow_id::none) return flow;  // UDP: there is nothing to close
    users_[flow].insert(user);
    auto& flows = flows_[user];
    flows.insert(flow);
    if (flows.size() <= most) return flow_id::none;
    const auto oldest = *flows.begin();
    flows.erase(oldest);
    return leaves_alone(oldest, user) ? oldest : flow_id::none;
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
      if (leaves_alone(flow, user)) alone.push_back(flow);
    }
    return alone;
  }

  [[nodiscard]] const std::map<std::string, std::set<flow_id>>& by_user() const noexcept { return flows_; }

 private:
  // The user leaves the flow; whether he was the last.
  bool leaves_alone(flow_id flow, const std::string& user) {
    const auto at = users_.find(flow);
    assert(at != users_.end() && at->second.contains(user));
    at->second.erase(user);
    if (!at->second.empty()) return false;
    users_.erase(at);
    return true;
  }

  void erase(const std::string& user, flow_id flow) {
    const auto at = flows_.find(user);
    assert(at != flows_.end() && at->second.contains(flow));
    at->second.erase(flow);
    if (at->second.empty()) flows_.erase(at);
  }

  std::map<flow_id, std::set<std::string>> users_;
  std::map<std::string, std::set<flow_id>> flows_;
};

}  // namespace phyllo::sip
