// A request that has come and waits in its server transaction, with what answers it.
#pragma once

#include <memory>
#include <string>

#include "simulated_transport.hpp"
#include "sip/context_table.hpp"
#include "sip/proxy_replies.hpp"

namespace phyllo::testing {

struct served_request {
  transaction_pair wire;
  core::metrics metrics;
  sip::proxy_replies replies{wire.world.env(), wire.server, metrics};
  sip::context_table contexts;
  std::shared_ptr<sip::proxy_context> c = std::make_shared<sip::proxy_context>();

  explicit served_request(const char* method = "INVITE") {
    wire.callee.serve = [this](sip::server_id id, const sip::message& request) {
      c->id = id;
      c->request = std::make_shared<const sip::message>(request.copy());
      c->invite = request.method() == sip::method::invite;
      c->arrived = wire.world.now();
      contexts.add(c);
      replies.came();
    };
    wire.send(method);
    wire.world.run_for(std::chrono::milliseconds(20));
    REQUIRE(c->request != nullptr);
  }

  // What the caller has heard last; "": nothing.
  std::string heard() {
    wire.world.run_for(std::chrono::milliseconds(20));
    return wire.caller.heard.empty() ? std::string() : wire.caller.heard.back();
  }
  std::string last_response() const { return wire.server_wire.sent.empty() ? std::string() : wire.server_wire.sent.back().second; }
};

}  // namespace phyllo::testing
