#include "host/tls_link_server.hpp"

#include "link/tls_carrier.hpp"
#include "port/socket_stream.hpp"

namespace phyllo::transport {

void tls_link_server::on_stream(std::unique_ptr<stream> s) {
  const auto alpn = s->alpn();
  auto parts = static_cast<socket_stream&>(*s).release();  // what a host accepts is one
  s.reset();                                               // gives its place back before the link takes its place
  auto carrier = std::make_shared<tls_carrier>(std::move(parts.socket), std::move(parts.engine), std::move(parts.unsent), parts.remote);
  state_.accept_link(std::move(carrier), alpn);
}

}  // namespace phyllo::transport
