#include "files/debug_files.hpp"

namespace phyllo::node {

core::status debug_files::open_frames() {
  if (configuration_.debug.overlay_pcap.empty()) return {};
  auto writer = pcap_writer::open(configuration_.in_data_directory(configuration_.debug.overlay_pcap));
  if (!writer) return core::fail(writer.error());
  frames_ = std::move(*writer);
  return {};
}

core::result<debug_files::line_sink> debug_files::open_keys() {
  if (configuration_.debug.keylog.empty()) return line_sink();
  auto lines = key_log::open(configuration_.in_data_directory(configuration_.debug.keylog));
  if (!lines) return core::fail(lines.error());
  keys_ = std::move(*lines);
  log_.warning("debug.keylog: the secrets of every connection are written to {}", configuration_.debug.keylog);
  return line_sink([this](std::string_view line) { keys_->add(line); });
}

void debug_files::tap(transport::host& h) {
  if (!frames_) return;
  h.tap_frames([this](const transport::endpoint& from, const transport::endpoint& to, transport::link_kind kind, core::byte_view frame) {
    frames_->add(pcap_packet(from, to, kind, frame, env_.wall_now()));
  });
}

void debug_files::reopen() {
  const auto keys = keys_ ? keys_->reopen() : core::status();
  const auto frames = frames_ ? frames_->reopen() : core::status();
  if (!keys) log_.error("debug.keylog: {}", keys.error().message());
  if (!frames) log_.error("debug.overlay_pcap: {}", frames.error().message());
}

core::awaitable<void> debug_files::write() {
  while (frames_) {  // ends by cancellation
    co_await core::sleep_for(env_, std::chrono::seconds(1));
    flush();
  }
}

void debug_files::flush() {
  if (frames_) frames_->flush();
}

}  // namespace phyllo::node
