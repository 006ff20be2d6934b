// AppAttach (RFC 6940 s.6.5.2), asked and answered: the applications that a node serves, and offers to those of others.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "peer/lower_layers.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/overlay/application.hpp"
#include "reload/attach_message.hpp"

namespace phyllo::overlay {

class peer_applications {
 public:
  using handlers = std::map<std::uint16_t, application_handler>;

  // References outlive it; `tasks` cancels what it spawns. `served` may change between two requests.
  peer_applications(core::environment& env, const handlers& served, lower_layers& below, core::metrics& metrics, core::task_scope& tasks)
      : env_(env), served_(served), messenger_(below.messages()), metrics_(metrics), tasks_(tasks) {}

  // As in peer.hpp.
  core::awaitable<core::result<application_offer>> attach(std::vector<node_id> route, std::uint16_t application, application_offer mine,
                                                          core::duration timeout);

  void on_app_attach(received_request r);

 private:
  core::awaitable<void> answer_offer(application_handler handler, received_request r, app_attach_message theirs);

  core::environment& env_;
  const handlers& served_;
  messenger& messenger_;
  core::metrics& metrics_;
  core::task_scope& tasks_;
  std::size_t answering_ = 0;
};

}  // namespace phyllo::overlay
