// How the proxy answers strangers (caller_identity.md, "Strangers"): nobody who has not shown who he is learns from it which users there
// are, who is online and who refuses. The call itself is the service, so a phone that rings is heard to ring, and one that answers is
// heard.
#pragma once

#include <utility>

#include "context_table.hpp"
#include "own_names.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/sip/service_settings.hpp"
#include "proxy_replies.hpp"

namespace phyllo::sip {

class stranger_refusals {
 public:
  struct parts {
    core::environment& env;
    const own_names& own;
    const context_table& contexts;
    proxy_replies& replies;
    core::task_scope& scope;  // of those that wait until they are due
  };
  // What `p` names must outlive it.
  stranger_refusals(parts p, stranger_settings s) : parts_(p), settings_(std::move(s)) {}

  // Other methods than these are not delivered, to whomever they are: a phone answers an OPTIONS at once, with much about itself.
  [[nodiscard]] bool open_to(const proxy_context& c) const;
  // Instead of this status he gets what all refused strangers get.
  [[nodiscard]] bool told_uniformly(const proxy_context& c, int status) const;
  [[nodiscard]] core::time_point due(const proxy_context& c) const { return c.arrived + settings_.refusal_delay; }

  void refuse(proxy_context& c);
  void refuse_sips(proxy_context& c);  // RFC 5630 s.6

 private:
  [[nodiscard]] int answer() const noexcept { return settings_.answer == 0 ? 480 : static_cast<int>(settings_.answer); }
  core::awaitable<void> refuse_when_due(std::shared_ptr<proxy_context> c);

  parts parts_;
  stranger_settings settings_;
};

}  // namespace phyllo::sip
