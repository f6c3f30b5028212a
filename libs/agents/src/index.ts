export { aiSdkModel } from './ai-sdk.ts';
export { generate, type Generation } from './generate.ts';
export { type Loop, runLoop, withoutLooseEnds } from './loop.ts';
export { type CallNames, modelCallOf } from './model-call.ts';
export { findModel, type ModelEnvironment, type Models, modelsOf } from './models.ts';
export { type EndpointOptions, openAiCompatible } from './openai-compatible.ts';
export {
  type CallOptions,
  type ModelPart,
  type ModelProvider,
  type ModelRequest,
  type ModelTool,
} from './provider.ts';
export {
  type Script,
  type ScriptedCall,
  scriptedModel,
  type ScriptedOptions,
  type ScriptedTurn,
} from './scripted.ts';
export { answerCall, type CallableTool, type ToolAnswer } from './tool-answer.ts';
