#include "http/certificate_approvals.h"

namespace intaglio::http {
namespace {

using codec::Json;
using service::ApprovalDecision;

struct ApprovalBody {
  ApprovalDecision decision = ApprovalDecision::approve;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "decision", &ApprovalBody::decision, "approve, or refuse for good"));
  }
};

Result<void> require_reader(ServedNode& served, const Request& request) {
  ASSIGN(const auto reader, served.signatures.signer(request));
  if (served.signatures.is_operator(reader)) return {};
  const auto login = served.node.authority().login_of(reader);
  if (!login && login.error().verdict != Verdict::unknown_login) {
    return std::unexpected(login.error());
  }
  if (!login || !login->is_officer()) return refuse(Verdict::not_reader);
  return {};
}

// The intended certificate's members, and its bytes: who approves the digest may make it of them.
Json approval_json(const service::Approval& approval) {
  const auto& application = approval.application;
  Json decisions = Json::array();
  for (const auto& each : application.decisions) decisions.push(codec::record_to_json(each));
  Json approved_by = Json::array();
  for (const auto& each : approval.approved_by) approved_by.push(each);
  Json out = codec::record_to_json(approval.intended);
  out.set("digest", codec::to_hex(approval.digest));
  out.set("intended", codec::to_hex(codec::encode_record(approval.intended)));
  out.set("came_at", application.came_at.value());
  out.set("lapses_at", application.lapses_at.value());
  out.set("needed", approval.needed);
  out.set("approved_by", std::move(approved_by));
  out.set("decisions", std::move(decisions));
  return out;
}

Result<Response> list_approvals(ServedNode& served, const Request& request) {
  TRY(require_reader(served, request));
  ASSIGN(const auto waiting, served.node.authority().waiting());
  Json out = Json::array();
  for (const auto& each : waiting) out.push(approval_json(each));
  return Response::json(Json::object({{"approvals", std::move(out)}}));
}

Result<Response> show_approval(ServedNode& served, const Request& request) {
  TRY(require_reader(served, request));
  ASSIGN(const auto digest, id_parameter<Digest>(request, "digest"));
  ASSIGN(const auto approval, served.node.authority().waiting(digest));
  return Response::json(approval_json(approval));
}

// The officer's word is the signature of this request, whose target names the digest.
Result<Response> decide(ServedNode& served, const Request& request) {
  ASSIGN(const auto officer, served.signatures.login(request));
  ASSIGN(const auto digest, id_parameter<Digest>(request, "digest"));
  ASSIGN(const auto body, body_record<ApprovalBody>(request));
  ASSIGN(const auto approval, served.node.authority().decide(officer.key, digest, body.decision));
  return Response::json(approval_json(approval));
}

}  // namespace

void add_certificate_approval_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/approvals", "listApprovals", list_approvals);
  add("GET", "/v1/approvals/{digest}", "getApproval", show_approval);
  add("POST", "/v1/approvals/{digest}", "decideApproval", decide);
}

}  // namespace intaglio::http
