//! What an error code means and what to do next, in Chinese and English: the `data` of every JSON-RPC error.

use crate::api::error;
use landsea_types::Code;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An error code for people and programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// A ledger code, or one of JSON-RPC.
    pub code: i32,
    /// Its stable name, such as `ALREADY_PLEDGED`.
    pub name: Cow<'static, str>,
    /// What it means, in Chinese.
    pub zh: Cow<'static, str>,
    /// What it means, in English.
    pub en: Cow<'static, str>,
    /// What to do next, in Chinese.
    pub next_zh: Cow<'static, str>,
    /// What to do next, in English.
    pub next_en: Cow<'static, str>,
}

/// Every explanation: the ledger's codes, the node's own, those of the JSON-RPC standard and its server.
pub fn all() -> impl Iterator<Item = Explanation> {
    ROWS.iter().map(of_row)
}

/// The explanation of a ledger code; `None` for [`Code::Ok`].
pub fn of(code: Code) -> Option<Explanation> {
    of_number(i32::from(code.number()))
}

/// The explanation of the code of a JSON-RPC error.
pub fn of_number(code: i32) -> Option<Explanation> {
    ROWS.iter().find(|row| row.0 == code).map(of_row)
}

type Row = (i32, &'static str, &'static str, &'static str, &'static str, &'static str);

fn of_row(&(code, name, zh, en, next_zh, next_en): &Row) -> Explanation {
    let [name, zh, en, next_zh, next_en] = [name, zh, en, next_zh, next_en].map(Cow::Borrowed);
    Explanation { code, name, zh, en, next_zh, next_en }
}

/// Code, name, meaning and next step, each in Chinese and English.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    (1001, "BAD_SIGNATURE", "签名无效。", "The signature does not verify.", "用所列账户的密钥重新签名后再提交。", "Sign again with the key that the transaction names, then submit it."),
    (1002, "ALREADY_COMMITTED", "该交易已经提交过，以首次结果为准。", "The transaction is committed already; its first outcome stands.", "不必重发；用 `transaction` 查询首次结果。", "Do not send it again; ask `transaction` for the first outcome."),
    (1003, "TRANSACTION_EXPIRED", "交易的有效高度已过。", "The transaction's validity in heights has passed.", "按最新高度重新生成并签名。", "Build it anew for the newest height and sign it."),
    (1004, "UNKNOWN_OPERATION", "操作或其版本不被识别。", "The operation or its version is not known.", "核对操作编号，并使用与节点同版本的客户端。", "Check the operation's number and use a client of the node's version."),
    (1005, "ROLE_NOT_PERMITTED", "该当事方的角色不得执行此操作。", "The party's role may not do this.", "由具有相应角色的一方提交，或向所属分支机构申请角色。", "Have a party with the role send it, or apply to the home branch for the role."),
    (1006, "PARTY_SUSPENDED", "当事方已被暂停。", "The party is suspended.", "联系所属分支机构恢复资格。", "Ask the home branch to lift the suspension."),
    (1007, "STALE_VERSION", "对象在此期间已变更，版本不是最新。", "The object has changed meanwhile; the version is not its newest.", "重新读取对象，按新版本号生成交易。", "Read the object again and build the transaction on its new version."),
    (1008, "CONSENT_MISSING", "缺少一方的同意（参数指明是谁）。", "A consent is missing; the argument says whose.", "取得该方签署的同意，附上后重新签名提交。", "Obtain that party's signed consent, attach it, sign and submit again."),
    (1009, "CONSENT_INVALID", "同意无效、过期或已被使用。", "A consent is invalid, expired or used before.", "请该方针对本交易重新签署同意。", "Have the party sign a fresh consent for this transaction."),
    (1010, "TOO_LARGE", "超出大小限制。", "A size limit is exceeded.", "减少一次请求的内容，或分批提交。", "Ask for less at once, or send it in parts."),
    (1011, "FEATURE_NOT_GRANTED", "该成员未获得此项功能的授权。", "The feature is not granted in this member's territory.", "向分支机构确认可用功能，或由已获授权的成员办理。", "Ask the branch which features are granted, or act through a member that has it."),
    (1012, "UNKNOWN_OBJECT", "账本中没有所指的对象（参数指明是哪个）。", "The ledger does not know an object named; the argument says which.", "核对编号与类型；若对象刚登记，请等该节点同步后再查。", "Check the id and its kind; where it is new, ask again once the node has caught up."),
    (1013, "WRONG_CHAIN", "交易属于另一条链。", "The transaction is for another chain.", "使用本网络的创世文件重新生成并签名。", "Build and sign it with this network's genesis file."),
    (1014, "INTERNAL", "不变量被破坏，交易已回滚。", "An invariant was broken; the transaction was rolled back.", "保留交易编号并联系运营方，不要重复提交。", "Keep the transaction's id and tell the operator; do not send it again."),
    (2001, "DUPLICATE_PARTY", "该企业已经登记。", "The firm is registered already.", "查询既有账户并使用它。", "Look up the existing account and use it."),
    (2002, "LICENCE_MISSING", "许可缺失或已过期。", "A licence is missing or has expired.", "向分支机构申请或续期许可。", "Apply to the branch for the licence or its renewal."),
    (2003, "KEY_NOT_VALID", "该密钥在此高度不能代表账户签名。", "The key does not sign for the account at this height.", "核对密钥的生效与失效高度，改用有效密钥签名。", "Check from and until which height the key holds, and sign with a valid one."),
    (3001, "DUPLICATE_DOCUMENT", "该单证已经登记（指纹相同）。", "The document is registered already: its fingerprint is known.", "查询既有登记；如属冒用，请联系分支机构。", "Query the existing registration; where it is abuse, tell the branch."),
    (3002, "DUPLICATE_CONTENT", "内容与已登记的单证相同。", "The content is that of a document registered already.", "核对是否重复登记或改号，再联系分支机构。", "Check for a second registration under another number, then ask the branch."),
    (3003, "TICKET_INVALID", "指纹票据缺失、过期或不属于申请人。", "The fingerprint ticket is missing, expired or not the applicant's.", "用 `fingerprint_derive` 重新取得票据。", "Obtain a fresh ticket with `fingerprint_derive`."),
    (3004, "DOCUMENT_STATE", "单证的状态不允许此操作。", "The document's state does not allow this.", "查询单证当前状态，先完成所需的前一步。", "Query the document's state and complete the step that must come before."),
    (3005, "NOT_HOLDER", "不是单证的持有人。", "The caller does not hold the document.", "由当前持有人提交。", "Have the present holder submit it."),
    (3006, "ENCUMBERED", "单证已设质押，须质权人同意。", "The document is pledged; the pledgee must consent.", "取得质权人的同意并附上。", "Obtain the pledgee's consent and attach it."),
    (3007, "SURRENDER_ANSWERED", "缴单请求已经答复。", "The surrender has been answered already.", "查询背书链中的答复；如有需要重新缴单。", "Read the answer in the document's chain; surrender again if need be."),
    (3008, "UNKNOWN_KIND_OR_RULES", "单证种类或规则版本不被识别。", "The kind of document or the rule version is not known.", "使用节点支持的种类与规则版本。", "Use a kind and rule version that the node supports."),
    (3009, "FINGERPRINT_EPOCH_STALE", "指纹所属的纪元已过期。", "The fingerprint belongs to a past epoch.", "向所属分支机构重新取得指纹票据。", "Obtain a fresh fingerprint ticket from the home branch."),
    (3010, "ANCHOR_ADOPTED", "该锚定已并入其他单证。", "The anchored note has joined another document already.", "查询它所并入的单证。", "Query the document that adopted it."),
    (3102, "NEAR_MATCH", "与已登记单证高度相似，尚未确认。", "It closely resembles a registered document, and that was not acknowledged.", "核对相似单证，确认不同后在交易中注明。", "Compare with the similar document and acknowledge it in the transaction if they differ."),
    (3107, "SHORTAGE_ABOVE_TOLERANCE", "短量超过允许的误差。", "The shortage is above the tolerance.", "复核数量；确有短少的，先申报损失。", "Check the quantity; where goods are missing, declare the loss first."),
    (3108, "PAPER_IS_OUT", "纸质单证在外流通。", "The paper document is in circulation.", "先收回纸质单证。", "Take the paper back in first."),
    (4001, "GOODS_KEY_OCCUPIED", "该货物标识已被另一批货物占用。", "Another lot occupies this key of goods.", "用 `goods_key` 查询占用的批次；核对箱号等标识。", "Ask `goods_key` which lot has it, and check the container or mark."),
    (4002, "CELL_CAPACITY", "超出库位容量。", "The cell's capacity is exceeded.", "减少数量或换用其他库位。", "Reduce the quantity or use another cell."),
    (4003, "NOT_CONSERVED", "数量前后不一致。", "The quantities before and after differ.", "使各部分之和等于原数量。", "Make the parts add up to the whole."),
    (4004, "UNIT_MISMATCH", "计量单位不一致。", "The units of measure differ.", "全部使用相同的计量单位。", "Use the same unit throughout."),
    (4005, "COUNT_TOO_OLD", "盘点时间过久。", "The count is too old.", "重新盘点后再提交。", "Count the cell again, then submit."),
    (4006, "CELL_BLOCKED", "库位被封锁或存在短缺。", "The cell is blocked or short.", "联系分支机构解除封锁，或先处理短缺。", "Have the branch lift the block, or settle the deficit first."),
    (4007, "KEY_DUPLICATED", "同一货物标识出现在多个部分中。", "One key of goods stands in several parts.", "每个标识只归入一个部分。", "Give each key to one part only."),
    (4008, "LOT_NOT_ACTIVE", "货物批次不在有效状态。", "The lot is not ACTIVE.", "查询批次状态及其后续批次。", "Query the lot's state and the lots made from it."),
    (5001, "ALREADY_PLEDGED", "已经质押，不得重复质押。", "It is pledged already.", "查询质押登记，联系质权人所属分支机构。", "Query the registered pledge and contact the branch of its pledgee."),
    (5002, "RESERVED_BY_OTHER", "已被另一家银行预留。", "Another bank has reserved it.", "等待预留到期，或联系分支机构。", "Wait until the reservation ends, or ask the branch."),
    (5003, "PLEDGOR_NOT_SOLE_HOLDER", "出质人不是唯一持有人。", "The pledgor is not the sole holder.", "先由出质人取得单证的全部持有权。", "Have the pledgor become the sole holder first."),
    (5004, "CUSTODIAN_ACK_MISSING", "缺少保管人的确认。", "The custodian's acknowledgement is missing.", "取得保管人的确认并附上。", "Obtain the custodian's acknowledgement and attach it."),
    (5005, "TERM_OUT_OF_LIMITS", "期限超出允许范围。", "The term is outside the limits.", "按 `params` 中的限额调整期限。", "Choose a term within the limits that `params` shows."),
    (5006, "PROOF_LEVEL_TOO_LOW", "贸易真实性等级不足。", "The proof of authenticity is of too low a level.", "补充核验后再提交。", "Add attestations to the case, then submit again."),
    (5007, "NOT_PLEDGEABLE_HERE", "按此处的法律依据不可质押。", "The legal basis here does not allow a pledge.", "咨询分支机构可用的担保方式。", "Ask the branch which security is available."),
    (5008, "PLEDGE_STATE", "质押的状态不允许此操作。", "The pledge's state does not allow this.", "查询质押当前状态。", "Query the pledge's present state."),
    (5009, "NOT_PLEDGEE", "不是质权人。", "The caller is not the pledgee.", "由质权人提交。", "Have the pledgee submit it."),
    (5010, "RESERVATION_LIMIT", "预留次数超限或仍在冷却期。", "The limit of reservations is reached, or the cooling-off time runs.", "冷却期过后再试。", "Try again after the cooling-off time."),
    (5011, "COLLATERAL_SET_INVALID", "担保单证集合为空、混杂或过大。", "The set of documents is empty, mixed or too large.", "调整单证集合后重新提交。", "Change the set of documents and submit again."),
    (5012, "OFFER_NOT_OPEN", "要约已不在开放状态。", "The offer is no longer open.", "请银行重新发出要约。", "Ask the bank for a new offer."),
    (5101, "HASHLOCK", "哈希锁不符或已过期。", "The hash lock does not match or has expired.", "核对原像与期限。", "Check the preimage and the time limit."),
    (5102, "WAITING_PERIOD", "实现质权的等待期尚未届满。", "The waiting period before enforcement still runs.", "等待期满后再提交。", "Submit after the waiting period."),
    (5103, "PRIORITY_CONFLICT", "合并将使优先顺位冲突。", "The merger would put priorities in conflict.", "只合并顺位相同的单证。", "Merge documents of the same priority only."),
    (5105, "MIXED_ENCUMBRANCE", "各单证的质押状况不一致。", "The documents are encumbered differently.", "先解除或统一质押，再合并。", "Release the pledges or make them equal before the merger."),
    (5109, "CUSTODIAN_NOT_INDEPENDENT", "保管人不独立于出质人。", "The custodian is not independent of the pledgor.", "更换独立的保管人。", "Appoint an independent custodian."),
    (6001, "HELD", "对象被冻结（参数指明种类）。", "A hold bars this; the argument names its kind.", "用 `holds` 查询冻结及联系的分支机构。", "Ask `holds` which hold it is and which branch to contact."),
    (6002, "HOLD_TERM", "冻结期限超过允许。", "The hold's term is too long.", "缩短期限后重新提交。", "Shorten the term and submit again."),
    (6003, "NOT_ENTITLED_TO_LIFT", "无权解除该冻结。", "The caller is not entitled to lift the hold.", "由设立冻结的一方或主管分支机构解除。", "Have whoever placed the hold, or the branch in charge, lift it."),
    (6004, "FILING_DEADLINE", "起诉期限已过。", "The deadline for filing has passed.", "另行提出新的争议。", "Raise a new dispute."),
    (7001, "ATTESTER_NOT_INDEPENDENT", "核验方不独立。", "The attester is not independent.", "由独立第三方核验。", "Have an independent party attest."),
    (7002, "FIELD_MISMATCH", "字段标签不一致。", "The tags of a field do not match.", "核对单证字段后重新核验。", "Check the documents' fields and attest again."),
    (7003, "UNKNOWN_TEMPLATE", "模板不存在。", "The template is not known.", "使用网络已定义的模板。", "Use a template that the network defines."),
    (7004, "ATTESTATION_EXPIRED", "核验已过期。", "An attestation has expired.", "请核验方重新核验。", "Have the attester attest again."),
    (7005, "USE_MARK_EXCEEDED", "使用比例合计超过百分之百。", "The shares in use would exceed 10000 basis points.", "查询已用比例并减少本次用量。", "Query the share in use and mark less."),
    (8001, "REPORTER_NOT_ENTITLED", "报告方无权报告该货物。", "The reporter may not report on these goods.", "由保管人或获授权的一方报告。", "Have the custodian or a party entitled report it."),
    (8002, "DUPLICATE_EVENT", "该事件已经记录。", "The event is recorded already.", "不必重发。", "Do not send it again."),
    (9001, "NOT_MEMBER_OR_THRESHOLD", "不是成员或未达到票数。", "The caller is no member, or the votes do not suffice.", "取得足够成员的同意。", "Obtain the approval of enough members."),
    (9002, "ACTIVATION_HEIGHT", "生效高度无效。", "The activation height is not valid.", "选择更晚的生效高度。", "Choose a later activation height."),
    (9003, "TOO_MANY_VALIDATOR_CHANGES", "验证人变更过多。", "Too many validators would change.", "分多次变更。", "Spread the changes over several steps."),
    (error::UNAUTHENTICATED, "UNAUTHENTICATED", "没有令牌，或令牌不被接受。", "There is no token, or it is not accepted.", "用账本密钥为本节点签发新令牌，放入 Authorization 头；并核对本机时钟。", "Sign a fresh token for this node with the ledger key, send it in the Authorization header, and check the clock."),
    (error::FORBIDDEN, "FORBIDDEN", "调用方无权查询此项。", "The caller may not ask this.", "以相关当事方身份查询，或通过分支机构。", "Ask as a party concerned, or through the branch."),
    (error::BUSY, "BUSY", "节点繁忙。", "The node is busy.", "稍后重发相同内容；同一交易最多提交一次。", "Send the same bytes again in a moment; a transaction is committed at most once."),
    (error::WAIT_TIMEOUT, "WAIT_TIMEOUT", "尚未等到提交结果。", "The transaction is not committed yet.", "用 `transaction` 查询结果；重发相同内容是安全的。", "Ask `transaction` for the outcome; sending the same bytes again is safe."),
    (error::HEIGHT, "HEIGHT", "该高度尚未到达或已不保留。", "The height is not reached, or not kept.", "用 `status` 查看最新高度；旧高度请查询存档节点。", "See `status` for the newest height; ask an archive node for old ones."),
    (error::QUOTA_EXCEEDED, "QUOTA_EXCEEDED", "调用方近期的请求超出配额。", "The caller has asked for more than its quota lately.", "等待 retry_after_ms 毫秒后重发相同内容；长期不足时请分支机构提高配额。", "Wait retry_after_ms milliseconds and send the same again; if that stays too little, ask the branch for a larger quota."),
    (error::TIME_OVER, "TIME_OVER", "答复耗时过长，已中止。", "The answer took too long and was broken off.", "减少一批中的调用或缩小一页；重发相同交易是安全的。", "Put fewer calls into a batch or ask for a shorter page; sending the same transaction again is safe."),
    (-32700, "PARSE_ERROR", "请求不是 JSON。", "The request is not JSON.", "改正请求的格式。", "Mend the request's form."),
    (-32600, "INVALID_REQUEST", "请求不符合 JSON-RPC 2.0。", "The request is no JSON-RPC 2.0 request.", "按 /openrpc.json 改正请求。", "Mend the request; /openrpc.json describes every method."),
    (-32601, "METHOD_NOT_FOUND", "没有这个方法。", "There is no such method.", "方法列表见 `rpc.discover`。", "`rpc.discover` lists the methods."),
    (-32602, "INVALID_PARAMS", "参数不符合要求。", "The parameters are not as required.", "参数说明见 `rpc.discover`。", "`rpc.discover` describes the parameters."),
    (-32603, "INTERNAL_ERROR", "节点内部错误。", "Something failed inside the node.", "记录请求与时间并告知节点运营方。", "Tell the node's operator the request and its time."),
    (-32006, "TOO_MANY_SUBSCRIPTIONS", "此连接的订阅过多。", "The connection has too many subscriptions.", "先取消一些订阅。", "End some subscriptions first."),
    (-32007, "REQUEST_TOO_LARGE", "请求过大。", "The request is too large.", "分成较小的请求。", "Send it in smaller parts."),
    (-32008, "ANSWER_TOO_LARGE", "答复过大。", "The answer would be too large.", "用 limit 缩小一页，或缩小批量。", "Ask for a shorter page with `limit`, or for less in one batch."),
    (-32010, "BATCH_TOO_LARGE", "一批中的调用过多。", "The batch holds too many calls.", "减少一批中的调用。", "Put fewer calls into a batch."),
    (-32011, "BATCH_ANSWER_TOO_LARGE", "批量答复过大。", "The batch's answers would be too large.", "减少一批中的调用。", "Put fewer calls into a batch."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_code_of_the_specification_is_explained_under_its_name() {
        let listed = include_str!("../../tests/tests/data/codes.csv").lines().skip(1);
        let mut listed: BTreeMap<i32, &str> = listed
            .filter_map(|line| line.split_once(','))
            .map(|(code, rest)| (code.parse().expect("a number"), rest.split(',').next().expect("a name")))
            .collect();
        assert_eq!(listed.len(), Code::ALL.len() - 1);
        for row in all().filter(|row| row.code > 0) {
            assert_eq!(listed.remove(&row.code), Some(&*row.name));
        }
        assert!(listed.is_empty(), "without explanation: {listed:?}");
    }

    #[test]
    fn every_explanation_is_one_of_its_code_in_both_languages() {
        let mut seen = BTreeMap::new();
        for row in all() {
            assert_eq!(seen.insert(row.code, row.name.clone()), None, "{} stands twice", row.code);
            let is_chinese = |text: &str| text.ends_with('。') && text.chars().any(|c| ('一'..='鿿').contains(&c));
            let is_english = |text: &str| text.is_ascii() && text.ends_with('.') && text.contains(' ');
            assert!(is_chinese(&row.zh) && is_chinese(&row.next_zh), "{row:?}");
            assert!(is_english(&row.en) && is_english(&row.next_en), "{row:?}");
        }
        let own = [
            error::UNAUTHENTICATED,
            error::FORBIDDEN,
            error::BUSY,
            error::WAIT_TIMEOUT,
            error::HEIGHT,
            error::QUOTA_EXCEEDED,
            error::TIME_OVER,
        ];
        assert!(own.iter().chain(&(-32603..=-32600).collect::<Vec<_>>()).all(|code| seen.contains_key(code)));
        assert_eq!(of(Code::Ok), None);
        assert_eq!(of(Code::AlreadyPledged).map(|row| row.name), Some("ALREADY_PLEDGED".into()));
    }
}
