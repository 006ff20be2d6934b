// The server as it was named, where the load comes from, and the sockets or connections between.
#pragma once

#include <asio/io_context.hpp>
#include <memory>

#include "options.hpp"
#include "stream_connection.hpp"
#include "ways.hpp"

namespace phyllo::load {

class network {
 public:
  // core::errc::malformed, core::errc::io: the target, a source, or the authorities' file.
  [[nodiscard]] static core::result<std::unique_ptr<network>> open(const options& o);

  // Of each address that is given as many as were asked for; else what the host would send by.
  [[nodiscard]] core::result<std::vector<address>> sources(const std::vector<std::string>& texts) const;
  [[nodiscard]] core::result<std::unique_ptr<ways>> open_ways(const std::vector<address>& sources) const;
  [[nodiscard]] const stream_settings& streams() const noexcept { return streams_; }

 private:
  explicit network(const network_options& n) : given_(n) {}
  [[nodiscard]] core::status prepare_streams(const std::string& host, const std::string& port);

  network_options given_;
  asio::io_context io_;  // of the environment: nothing runs on it
  std::unique_ptr<core::environment> env_;
  std::unique_ptr<transport::tls_context> tls_;
  stream_settings streams_;
};

[[nodiscard]] std::string_view via_name(transport_kind k) noexcept;
[[nodiscard]] std::string_view contact_parameters(transport_kind k) noexcept;

}  // namespace phyllo::load
