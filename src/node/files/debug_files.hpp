// What [debug] has a node write for those who look at its traffic: the overlay's decrypted frames, and the secrets of every connection.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "files/key_log.hpp"
#include "files/pcap.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/node/configuration.hpp"
#include "phyllo/transport/host.hpp"

namespace phyllo::node {

class debug_files {
 public:
  using line_sink = std::function<void(std::string_view line)>;

  // References outlive it.
  debug_files(core::environment& env, const configuration& c, core::logger log) : env_(env), configuration_(c), log_(std::move(log)) {}

  core::status open_frames();  // debug.overlay_pcap, where it is set; disk's io
  // debug.keylog: who is to hear each line; empty: it is not set. disk's io.
  [[nodiscard]] core::result<line_sink> open_keys();
  void tap(transport::host& h);  // its frames, into the file that was opened

  void reopen();                  // what comes from now on goes to files of their names
  core::awaitable<void> write();  // frames, every second; ends by cancellation, or at once if there is nothing to write
  void flush();

 private:
  core::environment& env_;
  const configuration& configuration_;
  core::logger log_;
  std::unique_ptr<pcap_writer> frames_;
  std::unique_ptr<key_log> keys_;
};

}  // namespace phyllo::node
