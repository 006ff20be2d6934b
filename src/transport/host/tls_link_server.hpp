// Links that others dial by TLS, on whichever port, and by whichever rung of the ladder.
#pragma once

#include "host/host_state.hpp"

namespace phyllo::transport {

class tls_link_server final : public stream_service {
 public:
  // `state` must outlive it.
  explicit tls_link_server(host_state& state) : state_(state) {}
  void on_stream(std::unique_ptr<stream> s) override;

 private:
  host_state& state_;
};

}  // namespace phyllo::transport
